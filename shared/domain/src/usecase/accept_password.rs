//! Whether a new password is good enough for an account. Asked by everything that sets one.

use crate::port::{PasswordChecks, PasswordHasher, PasswordMatch};
use crate::{Account, Fault, Password, PasswordPolicy, Violation};

/// Everything that is wrong with a password for an account; nothing if it is fine. What costs most is
/// asked last, and not at all of a password that is refused anyway.
pub(super) async fn violations<H: PasswordHasher, C: PasswordChecks>(
    policy: &PasswordPolicy,
    hasher: &H,
    checks: &C,
    password: &Password,
    account: &Account,
) -> Result<Vec<Violation>, Fault> {
    let mut violations = policy.violations(password);
    if violations.iter().any(|v| matches!(v, Violation::TooLong { .. })) {
        return Ok(violations);
    }
    if checks.is_common(password) {
        violations.push(Violation::TooCommon);
    }
    if checks.is_personal(password, account) {
        violations.push(Violation::ContainsPersonalData);
    }
    if !violations.is_empty() {
        return Ok(violations);
    }
    if checks.is_breached(password).await {
        violations.push(Violation::Breached);
    } else if account.password_hash.is_some()
        && hasher.verify(password, account.password_hash.as_ref())? != PasswordMatch::No
    {
        violations.push(Violation::SameAsCurrent);
    }
    Ok(violations)
}
