//! The resources of each function in the template: the function, and a permission, role, log group and alarms of its
//! own.

use regain_http_api::routes::{FALLBACK_FUNCTION, all};

use crate::functions::{Function, Memory, Trigger};
use crate::{comment, fill, indented, logical_name, role};

const FUNCTION: &str = "  @Name@:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-@name@
      CodeUri: ../target/lambda/@code@/bootstrap.zip
      Role: !GetAtt @Code@Role.Arn
@memory@@timeout@@concurrency@      LoggingConfig:
        LogGroup: !Ref @Code@Logs
";

const PERMISSION: &str = "
  @Name@Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref @Name@
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*
";

const LOGS: &str = "
  @Name@Logs:
    Type: AWS::Logs::LogGroup
    UpdateReplacePolicy: Delete
    DeletionPolicy: Delete
    Properties:
      LogGroupName: !Sub /aws/lambda/${AWS::StackName}-@name@
      RetentionInDays: !Ref LogRetentionDays
";

const ALARM: &str = "
  @Name@@Metric@Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: \"@means@\"
      AlarmActions: [!Ref AlarmTopic]
      OKActions: [!Ref AlarmTopic]
      Namespace: AWS/Lambda
      MetricName: @Metric@
      Dimensions:
        - { Name: FunctionName, Value: !Ref @Name@ }
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      DatapointsToAlarm: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
";

const STREAM_EVENT: &str = "\
Events:
  @Event@:
    Type: DynamoDB
    Properties:
      Stream: @STREAM@
      # Nothing that was written before the mapping was ready is lost; what is too old is passed over.
      StartingPosition: TRIM_HORIZON
      BatchSize: 10
      # The local stack's mappings let the same through. A filter's `exists` wants a leaf.
      FilterCriteria:
        Filters:
          - Pattern: '@pattern@'
      FunctionResponseTypes: [ReportBatchItemFailures]
      # A record that kills the process is found by halves, so that it holds up nothing but itself.
      BisectBatchOnFunctionError: true
      # The records of an item stay in order; ten items of a shard go side by side.
      ParallelizationFactor: 10
@why@      MaximumRecordAgeInSeconds: @age@
      MaximumRetryAttempts: -1
      DestinationConfig:
        OnFailure:
          Type: SQS
          Destination: !GetAtt DeadLetters.Arn
";

/// The resources of a function. One that has another's code has that one's role and log group, and is not routed to.
pub(crate) fn resources(function: &Function) -> String {
    let name = function.name;
    let logical = logical_name(name);
    let names = [("Name", logical.as_str()), ("name", name)];
    let mut text = format!("  # {:->98}\n", format!(" {name}"));
    text.push_str(&comment(function.about, 2));
    text.push_str(&properties(function));
    let is_routed = all().any(|route| route.function == name) || name == FALLBACK_FUNCTION;
    if is_routed {
        text.push_str(&fill(PERMISSION, &names));
    }
    if function.shares.is_none() {
        text.push_str(&role::resource(function));
        text.push_str(&fill(LOGS, &names));
    }
    for (metric, means) in [
        ("Errors", format!("{name} crashes, runs out of time or does not start")),
        ("Throttles", format!("Lambda refuses to run {name}: the concurrency is used up")),
    ] {
        text.push_str(&fill(ALARM, &[names[0], ("Metric", metric), ("means", &means)]));
    }
    text
}

fn properties(function: &Function) -> String {
    let (megabytes, why) = match function.memory {
        Memory::Least => (128, "Calls nothing: docs/measurements.md has what a page takes."),
        Memory::Usual => (
            256,
            "HMACs and a few round trips to the table or to SES and SNS: memory buys the CPU for the TLS of a cold start.",
        ),
        Memory::Hashing => (
            1769,
            "Argon2id, 46 MiB and all of a CPU: this is one whole vCPU. Less costs the same, because it lasts longer.",
        ),
    };
    let memory = format!("{}      MemorySize: {megabytes}\n", comment(why, 6));
    let timeout =
        function.timeout.map(|(seconds, why)| format!("{}      Timeout: {seconds}\n", comment(why, 6)));
    let concurrency = function.concurrency.map(|parameter| {
        format!(
            "      ReservedConcurrentExecutions: !If [Has{parameter}, !Ref {parameter}, !Ref AWS::NoValue]\n"
        )
    });
    let mut text = fill(
        FUNCTION,
        &[
            ("Name", &logical_name(function.name)),
            ("name", function.name),
            ("Code", &logical_name(function.code())),
            ("code", function.code()),
            ("memory", &memory),
            ("timeout", timeout.as_deref().unwrap_or_default()),
            ("concurrency", concurrency.as_deref().unwrap_or_default()),
        ],
    );
    if !function.environment.is_empty() {
        text.push_str("      Environment:\n        Variables:\n");
        let lines: Vec<_> =
            function.environment.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        text.push_str(&indented(&lines.join("\n"), 10));
    }
    match function.trigger {
        Trigger::Api => {}
        Trigger::Other(properties) => text.push_str(&indented(properties, 6)),
        Trigger::Stream { name, filter, max_age: (age, why) } => {
            let event = fill(
                STREAM_EVENT,
                &[
                    ("Event", name),
                    ("STREAM", role::STREAM),
                    ("pattern", &filter.pattern()),
                    ("why", &comment(why, 6)),
                    ("age", age),
                ],
            );
            text.push_str(&indented(&event, 6));
        }
    }
    text
}
