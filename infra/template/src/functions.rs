//! The table of functions: a new function is a row.

use regain_dynamodb::kind::ItemKind::{
    Account, Challenge, Counter, Device, Failures, Identifier, Lookup, Message, Outbox, Session,
};
use regain_dynamodb::stream::Filter;

use crate::access::{Access, check, delete, get, get_only, put, update, update_and_see};
use Memory::{Hashing, Least, Usual};

/// A function as it is deployed.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name that it is deployed under, after the stack's.
    pub name: &'static str,
    /// The function whose code, role and log group it has, unless it has its own.
    pub shares: Option<&'static str>,
    /// A comment for operators.
    pub about: &'static str,
    /// How much memory it has.
    pub memory: Memory,
    /// Seconds that it may take, where the template's `Globals` don't say it, and a comment.
    pub timeout: Option<(u32, &'static str)>,
    /// The parameter with the most instances of it at once.
    pub concurrency: Option<&'static str>,
    /// The event source.
    pub trigger: Trigger,
    /// Variables besides the `Globals`: name and value, in YAML.
    pub environment: &'static [(&'static str, &'static str)],
    /// The calls to the table that its role allows.
    pub table: &'static [Access],
    /// More statements of its role, in YAML.
    pub statements: &'static str,
}

/// Memory by what a function does. Lambda gives CPU by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// For what touches nothing.
    Least,
    /// For calls to the table.
    Usual,
    /// For hashing passwords.
    Hashing,
}

/// The event source of a function.
#[derive(Clone, Copy, Debug)]
pub enum Trigger {
    /// The API, where `regain_http_api::routes` says so.
    Api,
    /// The table's stream, with one mapping.
    Stream {
        /// The mapping's name.
        name: &'static str,
        /// The filter.
        filter: Filter,
        /// The age in seconds at which a record is given up, in YAML, and a comment.
        max_age: (&'static str, &'static str),
    },
    /// Something else: properties of the function, in YAML.
    Other(&'static str),
}

/// The variable with the secret of the keys. Whoever has it may read the secret.
pub const KEYS: (&str, &str) = ("REGAIN_KEYS_SECRET", "!Ref KeysSecret");
/// The logo, for whoever shows pages: half of the room that Lambda has for variables.
const LOGO: (&str, &str) = ("REGAIN_BRAND_LOGO", "!Ref BrandLogo");
const PWNED_PASSWORDS: (&str, &str) = ("REGAIN_PWNED_PASSWORDS_URL", "!Ref PwnedPasswordsUrl");
const REQUESTS: (&str, &str) = ("REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR", "!Ref RequestsPerAddressPerHour");
const VERIFIES: (&str, &str) = ("REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR", "!Ref VerifiesPerAddressPerHour");
const SIGN_INS: (&str, &str) = ("REGAIN_SIGN_INS_PER_ADDRESS_PER_HOUR", "!Ref SignInsPerAddressPerHour");

/// A counter to which one is added.
const COUNTED: &str = "count pk purge_at";
/// A challenge that is opened.
const OPENED: &str = "attempts caller channel code_key created_at expires_at generation identifier locale \
                      mark_* pending pk postal_code_hash postal_code_key purge_at purpose rejections salt \
                      sent_at sms_tries state undeliverable";
/// The challenge behind a recovery link: verified from the start.
const LINK: &str = "account attempts channel code_key created_at credential_version expires_at generation \
                    identifier locale pk purge_at purpose rejections salt sent_at sms_tries state \
                    token_expires_at token_hash token_key undeliverable unsent";
/// A look-up that leads to a recovery link.
const LINK_LOOKUP: &str = "at identifier kind locale pending pk postal_code_hash postal_code_key purge_at";
/// An entry that is added to an account's outbox.
const QUEUED: &str = "added entry_* not_before pending pk place_* purge_at";
/// A known device.
const DEVICE: &str = "account credential_version expires_at failures pk purge_at token_hash token_key";

impl Function {
    /// The function whose code, role and log group it has.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.shares.unwrap_or(self.name)
    }

    /// A function that answers requests with calls to the table.
    const fn answers(name: &'static str) -> Self {
        Self {
            name,
            shares: None,
            about: "",
            memory: Usual,
            timeout: None,
            concurrency: None,
            trigger: Trigger::Api,
            environment: &[KEYS],
            table: &[],
            statements: "",
        }
    }
}

/// Every function, in the order of the template.
pub const FUNCTIONS: &[Function] = &[
    Function {
        table: &[
            get(Challenge),
            put(Challenge, OPENED),
            Access {
                why: "While a key rotates: that an earlier same call hasn't made the item under the other version.",
                ..check(Challenge, "pk")
            },
            put(Lookup, LINK_LOOKUP),
            update(Counter, COUNTED),
        ],
        environment: &[KEYS, LOGO, REQUESTS],
        ..Function::answers("request-code")
    },
    Function {
        table: &[
            get(Challenge),
            update_and_see(
                Challenge,
                "attempts caller channel expires_at generation mark_* pending pk purge_at salt sending \
                 sent_at sms_tries state",
            ),
            update(Counter, COUNTED),
        ],
        environment: &[KEYS, LOGO, REQUESTS],
        ..Function::answers("resend-code")
    },
    Function {
        table: &[
            update_and_see(
                Challenge,
                "attempts channel expires_at generation mark_* pk state token_expires_at token_hash \
                 token_key",
            ),
            check(Account, "credential_version disabled pk"),
            update(Counter, "count pk purge_at verified"),
        ],
        environment: &[KEYS, LOGO, VERIFIES],
        ..Function::answers("verify-code")
    },
    Function {
        memory: Hashing,
        concurrency: Some("PasswordConcurrency"),
        table: &[
            get(Challenge),
            update(
                Challenge,
                "attempts call_fingerprint call_name changed_at channel generation mark_* pk rejections \
                 state token_expires_at token_hash",
            ),
            get_only(
                Account,
                "credential_version disabled display_name email password_hash phone pk postal_code",
            ),
            update(
                Account,
                "armed_since_success credential_version disabled password_changed_at password_hash pk \
                 recovered_at session_epoch",
            ),
            update(Outbox, QUEUED),
            put(Device, DEVICE),
        ],
        environment: &[KEYS, LOGO, PWNED_PASSWORDS],
        ..Function::answers("set-password")
    },
    Function {
        memory: Hashing,
        concurrency: Some("PasswordConcurrency"),
        table: &[
            get_only(Identifier, "account pk"),
            get_only(
                Account,
                "credential_version disabled password_changed_at password_hash pk recovered_at session_epoch",
            ),
            update(Account, "password_hash pk session_epoch"),
            update_and_see(Failures, "count from_* pk purge_at told_at window_end"),
            delete(Failures, "count pk window_end"),
            get(Device),
            put(Device, DEVICE),
            update(Device, "expires_at failures pk"),
            get(Session),
            put(Session, "account created_at expires_at pk purge_at session_epoch token_hash token_key"),
            delete(Session, "pk"),
            put(Lookup, "are_spent at count credential_version identifier kind pending pk purge_at"),
            update(Counter, COUNTED),
        ],
        environment: &[KEYS, LOGO, SIGN_INS],
        ..Function::answers("sessions")
    },
    Function {
        memory: Least,
        timeout: Some((5, "")),
        environment: &[LOGO, PWNED_PASSWORDS],
        ..Function::answers("meta")
    },
    Function { memory: Least, timeout: Some((5, "")), environment: &[LOGO], ..Function::answers("pages") },
    DELIVER_MESSAGES,
    Function {
        name: "deliver-outbox",
        shares: Some("deliver-messages"),
        about: "The outbox (recovery links, notices): the same zip with the same role and log group, so that it and codes don't\n\
                wait for each other. A code is not tried for longer than it works, what is in the outbox for a day. These two are\n\
                all the readers that a shard of a table's stream serves without throttling.",
        trigger: Trigger::Stream {
            name: "Outbox",
            filter: Filter::OUTBOX,
            max_age: ("86400", "As long as a stream keeps a record."),
        },
        ..DELIVER_MESSAGES
    },
    Function {
        about: "An event that fails is tried twice more by Lambda (AWS::Lambda::EventInvokeConfig's default) and then dropped,\n\
                with an alarm. It has no dead letters: they would hold the whole event with the address. Nothing is lost for good:\n\
                the next message to a suppressed address is told of again.",
        timeout: Some((60, "A batch of log lines is taken one after the other.")),
        trigger: Trigger::Other(
            "\
EventInvokeConfig:
  MaximumRetryAttempts: 2
  MaximumEventAgeInSeconds: 21600
Events:
  EmailEvents:
    Type: SNS
    Properties:
      Topic: !Ref EmailEvents",
        ),
        environment: &[KEYS, ("REGAIN_SUPPRESSION_SECONDS", "!Ref SuppressionSeconds")],
        table: &[
            get(Message),
            Access {
                why: "Whom an identifier belongs to, and what a challenge allows, is not this function's to say.",
                ..update(Identifier, "pk suppressed suppressed_until")
            },
            update(Challenge, "pk undeliverable"),
        ],
        ..Function::answers("delivery-events")
    },
];

const DELIVER_MESSAGES: Function = Function {
    about: "Codes. Lambda takes one mapping for a stream and a function, whatever the filter says: the outbox has a function\n\
            of its own below.",
    timeout: Some((60, "Ten records one after the other, each with up to four messages' worth of calls.")),
    concurrency: Some("DeliveryConcurrency"),
    trigger: Trigger::Stream {
        name: "Codes",
        filter: Filter::CODES,
        max_age: (
            "!Ref CodeLifetimeSeconds",
            "A record is tried as long as its code works, however often that is.",
        ),
    },
    environment: &[
        KEYS,
        ("REGAIN_EMAIL_FROM", "!Ref EmailFrom"),
        ("REGAIN_EMAIL_CONFIGURATION_SET", "!Ref EmailConfiguration"),
        ("REGAIN_SMS_COUNTRIES", "!Ref SmsCountries"),
        ("REGAIN_SMS_SENDER_ID", "!Ref SmsSenderId"),
        ("REGAIN_SMS_PER_COUNTRY_PER_DAY", "!Ref SmsPerCountryPerDay"),
        ("REGAIN_SMS_PER_NUMBER_BLOCK_PER_DAY", "!Ref SmsPerNumberBlockPerDay"),
        ("REGAIN_SMS_PER_NUMBER_PER_DAY", "!Ref SmsPerNumberPerDay"),
        ("REGAIN_SMS_BEFORE_BREAKER_PER_HOUR", "!Ref SmsBeforeBreakerPerHour"),
        ("REGAIN_SMS_CONVERSION_PERCENT", "!Ref SmsConversionPercent"),
        (
            "AWS_ENDPOINT_URL_SESV2",
            "!If [HasNotificationsEndpoint, !Ref NotificationsEndpoint, !Ref AWS::NoValue]",
        ),
        (
            "AWS_ENDPOINT_URL_SNS",
            "!If [HasNotificationsEndpoint, !Ref NotificationsEndpoint, !Ref AWS::NoValue]",
        ),
    ],
    table: &[
        get(Challenge),
        update_and_see(
            Challenge,
            "account credential_version expires_at generation pending pk purge_at sending sms_tries state \
             texted_range texted_to token_expires_at undeliverable unsent",
        ),
        put(Challenge, LINK),
        get_only(Identifier, "account pk suppressed_until"),
        get_only(Account, "credential_version disabled email locale phone pk postal_code"),
        update(Account, "armed_since_success credential_version disabled pk"),
        put(Message, "challenge pk purge_at"),
        get(Outbox),
        update(Outbox, "added entry_* not_before pending pk place_* postponed purge_at"),
        delete(Outbox, "added entry_* pk"),
        get(Lookup),
        put(Lookup, LINK_LOOKUP),
        update(Lookup, "pending pk"),
        update_and_see(Counter, "callers count pk purge_at ranges"),
    ],
    statements: "\
- Effect: Allow
  Action: sqs:SendMessage
  Resource: !GetAtt DeadLetters.Arn
# In SES's sandbox the recipient's identity is authorised besides the sender's. So every identity, but
# only as the sender's.
- Effect: Allow
  Action: ses:SendEmail
  Resource:
    - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*
    - !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${EmailConfiguration}
  Condition:
    StringLike:
      ses:FromAddress: [!Ref EmailIdentity, !Sub \"*@${EmailIdentity}\", !Sub \"*@*.${EmailIdentity}\"]
# A phone number has no ARN: everything, but no topic.
- Effect: Allow
  Action: sns:Publish
  Resource: \"*\"
- Effect: Deny
  Action: sns:Publish
  Resource: !Sub arn:${AWS::Partition}:sns:*:*:*",
    ..Function::answers("deliver-messages")
};
