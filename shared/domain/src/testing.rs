//! Stand-ins for the unit tests of this crate.

use std::time::Duration;

use crate::challenge::{ChallengeRecord, IssuedToken, NewChallenge};
use crate::context::Random;
use crate::{
    CallerHash, Challenge, ChallengeId, ChallengePolicy, Channel, CodeLength, Fault, GuessPolicy,
    IdentifierHash, KeyUse, KeyVersion, Prf, Purpose, Salt, SecretHash, SendState, State, Timestamp,
    prf::Output,
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
        guesses: GuessPolicy { code_length: CodeLength::new(6).unwrap(), attempts: 5 },
        code_lifetime: Duration::from_mins(10),
        challenge_lifetime: Duration::from_mins(30),
        resends: 3,
        resend_cooldown: Duration::from_mins(1),
    }
}

/// A challenge that nobody delivers any more.
pub(crate) fn challenge() -> Challenge {
    let created_at = Timestamp::from_unix(1_800_000_000);
    let opened = Challenge::open(
        NewChallenge {
            id: ChallengeId::from_bytes([7; 16]),
            purpose: Purpose::PasswordReset,
            identifier: IdentifierHash::from_bytes([1; 32]),
            channel: Channel::Email,
            salt: Salt::from_bytes([2; 16]),
            code_key: KeyVersion(1),
            locale: None,
            postal_code: None,
            caller: CallerHash::from_bytes([4; 32]),
            call: None,
            now: created_at,
        },
        &policy(),
    );
    but(&opened, |record| record.send = SendState::Over)
}

/// A challenge that is another in some ways.
pub(crate) fn but(challenge: &Challenge, change: impl FnOnce(&mut ChallengeRecord)) -> Challenge {
    let mut record = (**challenge).clone();
    change(&mut record);
    Challenge::from_record(record)
}

pub(crate) fn verified() -> State {
    let hash = SecretHash::from_parts(KeyVersion(1), [0; 32]);
    State::Verified { token: IssuedToken { hash, expires_at: Timestamp::from_unix(1_800_000_600) } }
}
