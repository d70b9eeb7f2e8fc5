//! The role of a function: what it does itself, and what Lambda does in its name.

use crate::functions::{Access, Function, KEYS, Trigger};
use crate::{comment, fill, indented, logical_name};

/// The table, whether the stack makes it or is given one.
const TABLE: &str = "!If [MakesTable, !GetAtt Table.Arn, \
    !Sub \"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}\"]";

/// The table's stream.
pub(crate) const STREAM: &str = "!If [MakesTable, !GetAtt Table.StreamArn, \
    !Sub \"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}/stream/${ExistingStream}\"]";

const ROLE: &str = r#"
  @Name@Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      Policies:
        - PolicyName: @name@
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [logs:CreateLogStream, logs:PutLogEvents]
                Resource: !GetAtt @Name@Logs.Arn
              - Effect: Allow
                Action: [xray:PutTelemetryRecords, xray:PutTraceSegments]
                Resource: "*"
"#;

const READ_KEYS: &str = "\
- Effect: Allow
  Action: secretsmanager:GetSecretValue
  Resource: !Ref KeysSecret
";

const ACCESS: &str = "\
@why@- Effect: Allow
  Action: dynamodb:@action@
  Resource: @TABLE@
";

const READ_STREAM: &str = "\
# What the stream mapping does in this function's name.
- Effect: Allow
  Action: [dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator]
  Resource: @STREAM@
- Effect: Allow
  Action: dynamodb:ListStreams
  Resource: !If [MakesTable, !Sub \"${Table.Arn}/stream/*\", !Sub \"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}/stream/*\"]
";

/// The role's resource.
pub(crate) fn resource(function: &Function) -> String {
    let mut statements = String::new();
    if function.environment.contains(&KEYS) {
        statements.push_str(READ_KEYS);
    }
    statements.extend(function.table.iter().map(access));
    if matches!(function.trigger, Trigger::Stream { .. }) {
        statements.push_str(&fill(READ_STREAM, &[("STREAM", STREAM)]));
    }
    statements.push_str(function.statements);
    let role = fill(ROLE, &[("Name", &logical_name(function.name)), ("name", function.name)]);
    role + &indented(&statements, 14)
}

fn access(access: &Access) -> String {
    let Access { action, kinds, attributes, why } = access;
    let keys: Vec<_> = kinds.iter().map(|kind| format!("\"{kind}#*\"")).collect();
    let keys = format!("ForAllValues:StringLike: {{ dynamodb:LeadingKeys: [{}] }}", keys.join(", "));
    let condition = if attributes.is_empty() {
        format!("  Condition: {{ {keys} }}\n")
    } else {
        format!(
            "  Condition:\n    {keys}\n    \
             ForAllValues:StringEquals: {{ dynamodb:Attributes: [{}] }}\n    \
             StringEqualsIfExists: {{ dynamodb:ReturnValues: NONE }}\n",
            attributes.join(", ")
        )
    };
    fill(ACCESS, &[("why", &comment(why, 0)), ("action", action), ("TABLE", TABLE)]) + &condition
}
