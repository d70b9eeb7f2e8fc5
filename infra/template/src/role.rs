//! The role of a function: what it does itself, and what Lambda does in its name.

use crate::access::Access;
use crate::functions::{Function, KEYS, Trigger};
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
    let (whole, named): (Vec<_>, Vec<_>) =
        function.table.iter().partition(|access| access.attributes.is_empty());
    statements.push_str(&read_whole(&whole));
    statements.extend(named.into_iter().map(statement));
    if matches!(function.trigger, Trigger::Stream { .. }) {
        statements.push_str(&fill(READ_STREAM, &[("STREAM", STREAM)]));
    }
    statements.push_str(function.statements);
    let role = fill(ROLE, &[("Name", &logical_name(function.name)), ("name", function.name)]);
    role + &indented(&statements, 14)
}

/// The reads of whole items, in one statement.
fn read_whole(reads: &[&Access]) -> String {
    let Some(first) = reads.first() else { return String::new() };
    let keys: Vec<_> = reads.iter().map(|read| format!("\"{}*\"", read.kind.prefix())).collect();
    let statement = fill(ACCESS, &[("why", ""), ("action", first.action), ("TABLE", TABLE)]);
    let keys = keys.join(", ");
    format!("{statement}  Condition: {{ ForAllValues:StringLike: {{ dynamodb:LeadingKeys: [{keys}] }} }}\n")
}

fn statement(access: &Access) -> String {
    let statement =
        fill(ACCESS, &[("why", &comment(access.why, 0)), ("action", access.action), ("TABLE", TABLE)]);
    format!("{statement}  Condition:\n{}", indented(&access.condition(), 4))
}
