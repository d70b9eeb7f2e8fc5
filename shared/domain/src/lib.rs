//! The rules of account recovery, free of AWS, HTTP and runtime types.
//!
//! * Values parse into types that can't hold a wrong one ([`Identifier`], [`Password`], [`Code`]).
//! * [`Challenge`] is the state machine; its one refusal order is [`Challenge::refuse_guess`].
//! * [`usecase`] holds a module for each thing a person or the system does.
//! * [`port`] says what the outside has to do, by intent; each method is one atomic step.
//! * Time and randomness are parameters: a [`Timestamp`], which the caller reads from its [`Clock`], and [`Random`].
//! * Spans say which use case runs, and by [`log_id`] for which challenge and account; nothing here subscribes.
//!
//! To extend: a new rule goes to the type that owns its data; a new step is a use case with a store
//! trait of its own, so that the function's role can be as narrow as the trait.

pub mod account;
pub mod backoff;
pub mod brand;
pub mod caller;
pub mod challenge;
mod characters;
pub mod code;
pub mod context;
pub mod counter;
pub mod device;
pub mod directory;
pub mod email_address;
pub mod fault;
pub mod guess_budget;
pub mod id;
pub mod idempotency;
pub mod identifier;
pub mod limit;
pub mod locale;
pub mod log_id;
mod logo;
pub mod message_id;
pub mod origin;
pub mod outbox;
pub mod password;
pub mod phone_number;
pub mod phone_plan;
pub mod port;
pub mod postal_code;
pub mod prf;
pub mod recovery_hold;
pub mod session;
pub mod sign_in;
pub mod sms_limits;
#[cfg(test)]
mod testing;
pub mod time;
pub mod token;
pub mod usecase;

pub use account::{Account, CredentialVersion, ForeignHash, HashUnsupported, PasswordHash, SessionEpoch};
pub use backoff::Backoff;
pub use caller::{CallerHash, SourceAddress};
pub use challenge::{
    Armed, Challenge, ChallengePolicy, Generation, GuessPolicy, IssuedToken, Purpose, Refusal, Salt,
    SendState, State,
};
pub use code::{Code, CodeLength, Reference};
pub use context::{Context, Random};
pub use counter::{Consumed, Counter, Limited, Scope, Subject, Window};
pub use device::Device;
pub use email_address::EmailAddress;
pub use fault::Fault;
pub use guess_budget::{GuessBudget, GuessCharge, SinceSuccess};
pub use id::{AccountId, ChallengeId, DeviceId, EntryId, SessionId};
pub use idempotency::{Call, CallFingerprint, IdempotencyKey, IdempotencyRecord, KeyReused};
pub use identifier::{Channel, Identifier};
pub use limit::{RequestLimits, RequestsPerAddress};
pub use locale::Locale;
pub use log_id::LogId;
pub use message_id::{MessageHash, MessageId};
pub use origin::Origin;
pub use password::{Password, PasswordPolicy, Violation};
pub use phone_number::PhoneNumber;
pub use postal_code::PostalCode;
pub use prf::{IdentifierHash, KeyUse, KeyVersion, Prf, SecretHash};
pub use recovery_hold::RecoveryHold;
pub use session::Session;
pub use sign_in::{FailureBudget, Failures, SignInLimits};
pub use sms_limits::{Country, SmsDestination, SmsLimits};
pub use time::{Clock, Timestamp};
pub use token::{DeviceToken, LinkToken, RecoveryToken, SessionToken, VerificationToken};
