//! Whether a new password is good enough for an account. Asked by everything that sets one.

use crate::account::PasswordAccount;
use crate::port::PasswordChecks;
use crate::{Password, PasswordPolicy, Violation};

/// Everything that is wrong with a password for an account; nothing if it is fine, but perhaps the current one, which
/// the directory says. What costs most is asked last, and not at all of a password that is refused anyway.
pub(super) async fn violations<C: PasswordChecks>(
    policy: &PasswordPolicy,
    checks: &C,
    password: &Password,
    account: &PasswordAccount,
) -> Vec<Violation> {
    let mut violations = policy.violations(password);
    if violations.iter().any(|v| matches!(v, Violation::TooLong { .. })) {
        return violations;
    }
    if checks.is_common(password) {
        violations.push(Violation::TooCommon);
    }
    if checks.is_personal(password, account) {
        violations.push(Violation::ContainsPersonalData);
    }
    if !violations.is_empty() {
        return violations;
    }
    if checks.is_breached(password).await {
        violations.push(Violation::Breached);
    }
    violations
}
