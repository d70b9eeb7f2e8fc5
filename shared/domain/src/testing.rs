//! Stand-ins for the unit tests of this crate.

use std::time::Duration;

use crate::environment::Random;
use crate::{
    Challenge, ChallengeId, ChallengePolicy, Channel, CodeLength, Fault, Generation, IdentifierHash, KeyUse,
    KeyVersion, Prf, Purpose, Salt, SecretHash, SendState, State, Timestamp, prf::Output,
};

/// A mixing function with the shape of a PRF. Not secure; the real one has its own tests.
#[derive(Default)]
pub(crate) struct TestPrf;

impl Prf for TestPrf {
    fn current(&self, _: KeyUse) -> KeyVersion {
        KeyVersion(1)
    }

    fn versions(&self, key: KeyUse) -> Vec<KeyVersion> {
        vec![self.current(key)]
    }

    fn evaluate(&self, key: KeyUse, version: KeyVersion, parts: &[&[u8]]) -> Result<Output, Fault> {
        let mut output = Output::new([0; 32]);
        for (lane, word) in output.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            let mut state = 0xcbf2_9ce4_8422_2325 ^ (lane as u64) ^ (u64::from(version.0) << 8);
            let framed =
                parts.iter().flat_map(|p| p.len().to_be_bytes().into_iter().chain(p.iter().copied()));
            for byte in key.as_str().bytes().chain(framed) {
                state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
                state ^= state >> 29;
            }
            // The finaliser of SplitMix64.
            state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *word = (state ^ (state >> 31)).to_be_bytes();
        }
        Ok(output)
    }
}

/// The same bytes each time.
pub(crate) struct TestRandom;

impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        bytes.fill(3);
        Ok(())
    }
}

pub(crate) fn policy() -> ChallengePolicy {
    ChallengePolicy {
        code_length: CodeLength::new(6).unwrap(),
        code_lifetime: Duration::from_mins(10),
        challenge_lifetime: Duration::from_mins(30),
        attempts: 5,
        resends: 3,
        resend_cooldown: Duration::from_mins(1),
        token_lifetime: Duration::from_mins(10),
    }
}

pub(crate) fn challenge() -> Challenge {
    let created_at = Timestamp::from_unix(1_800_000_000);
    Challenge {
        id: ChallengeId::from_bytes([7; 16]),
        purpose: Purpose::PasswordReset,
        identifier: IdentifierHash::from_bytes([1; 32]),
        channel: Channel::Email,
        generation: Generation(1),
        salt: Salt::from_bytes([2; 16]),
        code_key: KeyVersion(1),
        locale: None,
        created_at,
        sent_at: created_at,
        expires_at: policy().expiry(created_at, created_at),
        attempts: 0,
        rejections: 0,
        state: State::Open,
        armed: None,
        send: SendState::Over,
        postal_code: None,
        caller: None,
        texted_to: None,
        marks: Vec::new(),
        undeliverable: Vec::new(),
    }
}

pub(crate) fn verified() -> State {
    State::Verified {
        token_hash: SecretHash::from_parts(KeyVersion(1), [0; 32]),
        token_expires_at: Timestamp::from_unix(1_800_000_600),
    }
}
