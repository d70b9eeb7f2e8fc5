//! Bearer tokens: the verification token, which allows one new password, and the session token.
//!
//! A token is the id of its item followed by a 256-bit secret, in URL-safe base64. The item holds only
//! the secret's keyed hash, so no look-up by a secret is needed and rotation of the key is simple.

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::{ChallengeId, Fault, Prf, SecretHash, SessionId};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPrf;

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
