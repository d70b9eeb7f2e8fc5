//! Opaque 128-bit ids, written in URL-safe base64 without padding (22 characters; RFC 4648, section 5).

use data_encoding::BASE64URL_NOPAD;

use crate::prf::Output;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From its 16 bytes, which must come from a secure source or a PRF.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The id that comes out of a keyed function: the first half of its output.
            #[must_use]
            pub fn of_output(output: &Output) -> Self {
                Self(output.first_chunk().copied().unwrap_or_default())
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads the text form; `None` for anything that [`Display`](std::fmt::Display) doesn't write.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&BASE64URL_NOPAD.encode(&self.0))
            }
        }
    };
}

opaque_id!(
    /// Names a challenge. Whoever has it may guess, so it is given only to the one who asked.
    ChallengeId
);
opaque_id!(
    /// Names an account.
    AccountId
);
opaque_id!(
    /// Names a session; the public part of a session token.
    SessionId
);
opaque_id!(
    /// Names an entry of an account's outbox.
    EntryId
);
opaque_id!(
    /// Names a known device; the public part of a device token.
    DeviceId
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_text_form_reads_back(bytes: [u8; 16]) {
            let id = ChallengeId::from_bytes(bytes);
            prop_assert_eq!(ChallengeId::parse(&id.to_string()), Some(id));
        }

        #[test]
        fn only_one_text_names_an_id(text in "\\PC{0,30}") {
            if let Some(id) = ChallengeId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
