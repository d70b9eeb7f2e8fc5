//! The table of functions: a new function is a row.

use regain_dynamodb::stream::{CODES, WAITING};

use Memory::{Hashing, Least, Usual};

/// A function as it is deployed.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name that it is deployed under, after the stack's.
    pub name: &'static str,
    /// The function whose code, role and log group it has: its own, for most.
    pub code: &'static str,
    /// A comment for operators.
    pub about: &'static str,
    /// How much memory it has.
    pub memory: Memory,
    /// Seconds that it may take, where the template's `Globals` don't say it, and a comment.
    pub timeout: Option<(u32, &'static str)>,
    /// The parameter with the most instances of it at once.
    pub concurrency: Option<&'static str>,
    /// What invokes it.
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

/// What invokes a function.
#[derive(Clone, Copy, Debug)]
pub enum Trigger {
    /// The API, where `regain_http_api::routes` says so.
    Api,
    /// The table's stream, with one mapping.
    Stream {
        /// The mapping's name.
        name: &'static str,
        /// What the keys of its items begin with.
        prefixes: &'static [&'static str],
        /// The age in seconds at which a record is given up, in YAML, and a comment.
        max_age: (&'static str, &'static str),
    },
    /// Something else: properties of the function, in YAML.
    Other(&'static str),
}

/// An action of DynamoDB that a role allows, on items of these kinds.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// The action, without the service.
    pub action: &'static str,
    /// What the keys of the items begin with, without the `#`.
    pub kinds: &'static [&'static str],
    /// The attributes that the call names; empty for any.
    pub attributes: &'static [&'static str],
    /// A comment.
    pub why: &'static str,
}

impl Access {
    const fn to(action: &'static str, kinds: &'static [&'static str]) -> Self {
        Self { action, kinds, attributes: &[], why: "" }
    }
}

const fn get(kinds: &'static [&'static str]) -> Access {
    Access::to("GetItem", kinds)
}

const fn put(kinds: &'static [&'static str]) -> Access {
    Access::to("PutItem", kinds)
}

const fn update(kinds: &'static [&'static str]) -> Access {
    Access::to("UpdateItem", kinds)
}

const fn delete(kinds: &'static [&'static str]) -> Access {
    Access::to("DeleteItem", kinds)
}

const fn check(kinds: &'static [&'static str]) -> Access {
    Access::to("ConditionCheckItem", kinds)
}

/// The variable with the secret of the keys. Whoever has it may read the secret.
pub const KEYS: (&str, &str) = ("REGAIN_KEYS_SECRET", "!Ref KeysSecret");

impl Function {
    /// A function that answers requests with calls to the table.
    const fn answers(name: &'static str) -> Self {
        Self {
            name,
            code: name,
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
            put(&["CHALLENGE", "LOOKUP"]),
            get(&["CHALLENGE"]),
            update(&["LIMIT"]),
            Access {
                why: "While a key rotates: that an earlier same call hasn't made the item under the other version.",
                ..check(&["CHALLENGE"])
            },
        ],
        ..Function::answers("request-code")
    },
    Function {
        table: &[get(&["CHALLENGE"]), update(&["CHALLENGE", "LIMIT"])],
        ..Function::answers("resend-code")
    },
    Function {
        table: &[update(&["CHALLENGE", "LIMIT"]), check(&["ACCOUNT"])],
        ..Function::answers("verify-code")
    },
    Function {
        memory: Hashing,
        concurrency: Some("PasswordConcurrency"),
        table: &[
            get(&["CHALLENGE", "ACCOUNT"]),
            update(&["CHALLENGE", "ACCOUNT", "OUTBOX"]),
            put(&["DEVICE"]),
        ],
        ..Function::answers("set-password")
    },
    Function {
        memory: Hashing,
        concurrency: Some("PasswordConcurrency"),
        table: &[
            get(&["IDENTIFIER", "ACCOUNT", "SESSION", "DEVICE"]),
            update(&["LIMIT", "ACCOUNT", "FAILURES", "DEVICE"]),
            put(&["SESSION", "DEVICE", "LOOKUP"]),
            delete(&["SESSION", "FAILURES"]),
        ],
        ..Function::answers("sessions")
    },
    Function { memory: Least, timeout: Some((5, "")), environment: &[], ..Function::answers("meta") },
    DELIVER_MESSAGES,
    Function {
        name: "deliver-outbox",
        about: "The outbox (recovery links, notices): the same zip with the same role and log group, so that it and codes don't\n\
                wait for each other. A code is not tried for longer than it works, what is in the outbox for a day. These two are\n\
                all the readers that a shard of a table's stream serves without throttling.",
        trigger: Trigger::Stream {
            name: "Outbox",
            prefixes: WAITING,
            max_age: ("86400", "As long as a stream keeps a record."),
        },
        ..DELIVER_MESSAGES
    },
    Function {
        about: "An event that fails is tried twice more by Lambda (AWS::Lambda::EventInvokeConfig's default) and then dropped,\n\
                with an alarm. It has no dead letters: they would hold the whole event with the address. Nothing is lost for good:\n\
                the next message to a dead address is told of again.",
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
            get(&["MESSAGE"]),
            Access {
                why: "Whom an identifier belongs to, and what a challenge allows, is not this function's to say.",
                attributes: &["pk", "suppressed", "suppressed_until"],
                ..update(&["IDENTIFIER"])
            },
            Access { attributes: &["pk", "undeliverable"], ..update(&["CHALLENGE"]) },
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
        prefixes: CODES,
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
        get(&["CHALLENGE", "IDENTIFIER", "ACCOUNT", "OUTBOX", "LOOKUP"]),
        update(&["CHALLENGE", "ACCOUNT", "LIMIT", "OUTBOX", "LOOKUP"]),
        put(&["CHALLENGE", "MESSAGE", "LOOKUP"]),
        delete(&["OUTBOX"]),
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
