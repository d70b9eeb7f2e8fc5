//! The ports of the domain, by intent.
//!
//! A store's method that changes something is one atomic conditional write, or one transaction where it
//! says so; none is a read followed by a write. There is a trait for each function, so that its role at
//! AWS can be as narrow. An answer of `None` or a `bool` is a fact; [`Fault`] is trouble.

mod account;
mod challenge;
mod delivery;
mod directory;
mod message;
pub mod operator;
mod outbox;
mod password;
mod sessions;
mod sign_in;
pub mod sms;

use std::future::Future;

use crate::{Consumed, Counter, Fault};

pub use account::{AccountReader, AccountStore, Adding, AddressStore, OwnerReader};
pub use challenge::{Charge, Redeemed, RequestStore, Resend, ResendStore, Resent, VerifyStore};
pub use delivery::{AcceptedMessage, Arming, DeliveryStore, FeedbackStore, SendRecord, SuppressionReason};
pub use directory::{CredentialStore, Directory, DirectoryEntry, PasswordChange, PasswordSetting};
pub use message::{Mender, Message, Messenger, SendError};
pub use outbox::{LinkOpened, LinkOpening, OutboxStore};
pub use password::{ImportError, PasswordChecks, PasswordHasher, PasswordMatch, PasswordStore};
pub use sessions::{SessionReader, SessionStore};
pub use sign_in::{FailureCharge, SignInStore};

/// Counts calls against limits.
pub trait Counters: Send + Sync {
    /// Adds one to each counter that isn't full, all at the same time.
    fn consume(&self, counters: Vec<Counter>) -> impl Future<Output = Result<Consumed, Fault>> + Send;

    /// Takes one back from each counter: the call that they counted had no effect.
    fn refund(&self, counters: Vec<Counter>) -> impl Future<Output = Result<(), Fault>> + Send;
}
