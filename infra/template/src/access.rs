//! The permissions of a role on the table: DynamoDB's condition keys, by the DynamoDB Developer Guide, "Using IAM
//! policy conditions for fine-grained access control".
//!
//! - `dynamodb:LeadingKeys`: the keys of the items.
//! - `dynamodb:Attributes`: the attributes that a call names, in whichever place. The key's is among them. What a write's
//!   condition names is allowed to be written too: IAM doesn't tell the two apart.
//! - `dynamodb:Select` is `SPECIFIC_ATTRIBUTES` for a read that names attributes; the others read the whole item.
//! - `dynamodb:ReturnValues`: what a write may have come back. The parts of a transaction don't have it.
//!
//! No condition key holds `ReturnValuesOnConditionCheckFailure`: whoever may write an item, or check a condition of it,
//! can have it come back whole by a condition that fails. `docs/security.md` says so.

use regain_dynamodb::kind::ItemKind;

/// An action on the items of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// The action, without the service.
    pub action: &'static str,
    /// The kind of the items.
    pub kind: ItemKind,
    /// The attributes that calls name, spaces between, with `*` in the place of what differs; none if they read the
    /// whole item.
    pub attributes: &'static str,
    /// Whether calls have the item come back after the write.
    pub sees: bool,
    /// A comment.
    pub why: &'static str,
}

impl Access {
    const fn to(action: &'static str, kind: ItemKind, attributes: &'static str) -> Self {
        Self { action, kind, attributes, sees: false, why: "" }
    }

    /// The attributes that calls name.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.attributes.split_whitespace()
    }

    /// The `Condition` of an IAM statement, in YAML.
    pub(crate) fn condition(&self) -> String {
        let keys = format!("dynamodb:LeadingKeys: [\"{}*\"]", self.kind.prefix());
        let quoted = |name: &str| if name.contains('*') { format!("\"{name}\"") } else { name.to_owned() };
        let attributes: Vec<_> = self.names().map(quoted).collect();
        let besides = match (self.action, self.sees) {
            ("GetItem", _) => "StringEqualsIfExists: { dynamodb:Select: SPECIFIC_ATTRIBUTES }",
            (_, false) => "StringEqualsIfExists: { dynamodb:ReturnValues: NONE }",
            (_, true) => "StringEqualsIfExists: { dynamodb:ReturnValues: [NONE, ALL_NEW] }",
        };
        format!(
            "ForAllValues:StringLike:\n  {keys}\n  dynamodb:Attributes: [{}]\n{besides}\n",
            attributes.join(", ")
        )
    }
}

/// Reads whole items.
pub(crate) const fn get(kind: ItemKind) -> Access {
    Access::to("GetItem", kind, "")
}

/// Reads attributes of an item, and no others.
pub(crate) const fn get_only(kind: ItemKind, attributes: &'static str) -> Access {
    Access::to("GetItem", kind, attributes)
}

pub(crate) const fn put(kind: ItemKind, attributes: &'static str) -> Access {
    Access::to("PutItem", kind, attributes)
}

pub(crate) const fn update(kind: ItemKind, attributes: &'static str) -> Access {
    Access::to("UpdateItem", kind, attributes)
}

/// An update that has the item come back.
pub(crate) const fn update_and_see(kind: ItemKind, attributes: &'static str) -> Access {
    Access { sees: true, ..update(kind, attributes) }
}

pub(crate) const fn delete(kind: ItemKind, attributes: &'static str) -> Access {
    Access::to("DeleteItem", kind, attributes)
}

/// A part of a transaction that writes nothing.
pub(crate) const fn check(kind: ItemKind, attributes: &'static str) -> Access {
    Access::to("ConditionCheckItem", kind, attributes)
}
