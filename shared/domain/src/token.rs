//! Tokens: the verification token, which allows one new password, the session token and the device token.
//!
//! A token is the id of its item followed by a 256-bit secret, in URL-safe base64. The item holds only
//! the secret's keyed hash, so no look-up by a secret is needed and rotation of the key is simple.
//!
//! A recovery link's token is made to be typed as well: 130 bits in 26 characters, from which the item's id follows.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::characters::is_separator;
use crate::{ChallengeId, DeviceId, Fault, KeyUse, KeyVersion, Prf, Salt, SecretHash, SessionId};

macro_rules! bearer_token {
    ($(#[$doc:meta])* $name:ident, $id:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            id: $id,
            secret: Zeroizing<[u8; 32]>,
        }

        impl $name {
            /// A token for an item, with a secret from a secure source.
            #[must_use]
            pub fn new(id: $id, secret: [u8; 32]) -> Self {
                Self { id, secret: Zeroizing::new(secret) }
            }

            /// Reads a token; `None` for anything that isn't one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                // 16 + 32 bytes make exactly 64 characters.
                if text.len() != 64 {
                    return None;
                }
                let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
                let (id, secret) = bytes.split_first_chunk::<16>()?;
                Some(Self::new($id::from_bytes(*id), secret.try_into().ok()?))
            }

            /// The id of the item that the token belongs to.
            #[must_use]
            pub fn id(&self) -> $id {
                self.id
            }

            /// The token for the one who may have it, and nobody else.
            #[must_use]
            pub fn reveal(&self) -> Zeroizing<String> {
                let bytes = Zeroizing::new([self.id.as_bytes().as_slice(), self.secret.as_slice()].concat());
                Zeroizing::new(BASE64URL_NOPAD.encode(&bytes))
            }

            /// The hash to store.
            pub fn hash(&self, prf: &dyn Prf) -> Result<SecretHash, Fault> {
                SecretHash::of(prf, $kind, self.secret.as_slice())
            }

            /// Whether `hash` was made of this token, in constant time.
            #[must_use]
            pub fn matches(&self, prf: &dyn Prf, hash: &SecretHash) -> bool {
                hash.matches(prf, $kind, self.secret.as_slice()).into()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

bearer_token!(
    /// Proves that a code was verified; allows one new password for the challenge's account.
    VerificationToken,
    ChallengeId,
    "verification token"
);
bearer_token!(
    /// Proves a sign-in.
    SessionToken,
    SessionId,
    "session token"
);
bearer_token!(
    /// Tells a known device from strangers; worth nothing without the password.
    DeviceToken,
    DeviceId,
    "device token"
);

/// Crockford's base 32: no letter that looks like a digit.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Five bits each: 130 in all, of which 128 are asked for by nobody to be guessed.
const LINK_CHARACTERS: usize = 26;

/// The token of a recovery link: 130 bits, 26 characters of Crockford's base 32, to be followed or typed. Allows
/// one new password, as a [`VerificationToken`] does.
#[derive(Clone)]
pub struct LinkToken(Zeroizing<[u8; LINK_CHARACTERS]>);

impl LinkToken {
    /// Derives the token of a salt: the same again for a send that is tried again, and none from the key alone.
    pub fn derive(prf: &dyn Prf, key: KeyVersion, salt: &Salt) -> Result<Self, Fault> {
        let output = prf.evaluate(KeyUse::Code, key, &[b"recovery link", salt.as_bytes()])?;
        let mut characters = Zeroizing::new([0; LINK_CHARACTERS]);
        for (place, character) in characters.iter_mut().enumerate() {
            let bits = (0..5).fold(0, |bits, bit| {
                let bit = place * 5 + bit;
                bits << 1 | usize::from(output[bit / 8] >> (7 - bit % 8) & 1)
            });
            *character = CROCKFORD[bits];
        }
        Ok(Self(characters))
    }

    /// Reads a token as a person types or copies it: in groups, with spaces and dashes of any kind, in small letters,
    /// with `O` for 0 and `I` or `L` for 1; `None` for anything that isn't one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut characters = Zeroizing::new([0; LINK_CHARACTERS]);
        let mut places = characters.iter_mut();
        for character in text.chars().filter(|c| !is_separator(*c)) {
            let character = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            *places.next()? = *CROCKFORD.iter().find(|known| char::from(**known) == character)?;
        }
        places.next().is_none().then_some(Self(characters))
    }

    /// The id of the challenge behind the link: the first 128 bits of the token's SHA-256.
    #[must_use]
    pub fn id(&self) -> ChallengeId {
        let digest = Sha256::digest(self.0.as_slice());
        ChallengeId::from_bytes(digest.first_chunk().copied().unwrap_or_default())
    }

    /// The token for the one who may have it, and nobody else.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().copied().map(char::from).collect())
    }

    /// The same in groups of five characters and a last one of six, for a person to type.
    #[must_use]
    pub fn reveal_in_groups(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LINK_CHARACTERS + 4));
        for (place, character) in self.0.iter().copied().map(char::from).enumerate() {
            if [5, 10, 15, 20].contains(&place) {
                text.push('-');
            }
            text.push(character);
        }
        text
    }

    /// The hash to store.
    pub fn hash(&self, prf: &dyn Prf) -> Result<SecretHash, Fault> {
        SecretHash::of(prf, LINK_TOKEN, self.0.as_slice())
    }

    /// Whether `hash` was made of this token, in constant time.
    #[must_use]
    pub fn matches(&self, prf: &dyn Prf, hash: &SecretHash) -> bool {
        hash.matches(prf, LINK_TOKEN, self.0.as_slice()).into()
    }
}

const LINK_TOKEN: &str = "link token";

impl std::fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkToken(redacted)")
    }
}

/// The proof that allows a new password: the token for a right code, or that of a recovery link.
#[derive(Clone, Debug)]
pub enum RecoveryToken {
    /// A code was verified.
    Verification(VerificationToken),
    /// A link was followed, or its token typed.
    Link(LinkToken),
}

impl RecoveryToken {
    /// Reads a token; `None` for anything that is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let verification = VerificationToken::parse(text).map(Self::Verification);
        verification.or_else(|| LinkToken::parse(text).map(Self::Link))
    }

    /// The id of the challenge that the token belongs to.
    #[must_use]
    pub fn id(&self) -> ChallengeId {
        match self {
            Self::Verification(token) => token.id(),
            Self::Link(token) => token.id(),
        }
    }

    /// The token for the one who may have it, and nobody else.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        match self {
            Self::Verification(token) => token.reveal(),
            Self::Link(token) => token.reveal(),
        }
    }

    /// Whether `hash` was made of this token, in constant time.
    #[must_use]
    pub fn matches(&self, prf: &dyn Prf, hash: &SecretHash) -> bool {
        match self {
            Self::Verification(token) => token.matches(prf, hash),
            Self::Link(token) => token.matches(prf, hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

    #[test]
    fn a_link_token_reads_back_as_it_is_and_as_people_type_it() {
        let prf = TestPrf;
        let derive = |byte| LinkToken::derive(&prf, KeyVersion(1), &Salt::from_bytes([byte; 16])).unwrap();
        let token = derive(1);
        let text = token.reveal();
        assert_eq!(text.len(), 26);
        assert_eq!(*derive(1).reveal(), *text, "a send that is tried again has the same");
        assert_ne!(*derive(2).reveal(), *text);
        let hash = token.hash(&prf).unwrap();
        let grouped = token.reveal_in_groups();
        assert_eq!(grouped.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5, 6]);
        for typed in [
            &*text,
            &grouped,
            &grouped.to_lowercase().replace('-', " "),
            // As phones and mail programs make it.
            &format!("\u{2066}{}\u{2069}\n", grouped.replace('-', "\u{a0}–\u{200b}")),
            &text.replace('0', "O").replace('1', "l"),
            &format!(" {}-", *text),
        ] {
            let read = LinkToken::parse(typed).unwrap();
            assert_eq!(read.id(), token.id());
            assert!(read.matches(&prf, &hash), "{typed}");
        }
        let wide = text.replace(|_| true, "\u{ff10}");
        for wrong in
            ["", &text[1..], &format!("{}0", *text), &text.replace(|_| true, "U"), &"å".repeat(13), &wide]
        {
            assert!(LinkToken::parse(wrong).is_none(), "{wrong}");
        }
        assert!(!derive(2).matches(&prf, &hash));
        assert!(matches!(RecoveryToken::parse(&text), Some(RecoveryToken::Link(_))));
        assert!(!format!("{token:?}").contains(&*text));
    }

    #[test]
    fn a_token_reads_back_and_matches_only_its_own_hash() {
        let prf = TestPrf;
        let token = VerificationToken::new(ChallengeId::from_bytes([1; 16]), [2; 32]);
        let again = VerificationToken::parse(&token.reveal()).unwrap();
        assert_eq!(again.id(), token.id());
        let hash = token.hash(&prf).unwrap();
        assert!(again.matches(&prf, &hash));
        assert!(!VerificationToken::new(token.id(), [3; 32]).matches(&prf, &hash));
        // A session token with the same bytes is another kind.
        assert!(!SessionToken::new(SessionId::from_bytes([1; 16]), [2; 32]).matches(&prf, &hash));
        assert!(!format!("{token:?}").contains(token.reveal().as_str()));
    }

    #[test]
    fn what_is_not_a_token_is_refused() {
        let text = VerificationToken::new(ChallengeId::from_bytes([255; 16]), [255; 32]).reveal();
        for wrong in ["", "x", &text[1..], &format!("{}=", *text), &text.replace('_', "/"), &"é".repeat(32)]
        {
            assert!(VerificationToken::parse(wrong).is_none(), "{wrong}");
        }
    }
}
