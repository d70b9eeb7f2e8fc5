//! The dashboard: `dashboard.json`, in which `"each function: METRIC"` stands for a line of each function, and
//! `"each operation: METRIC"` for one of each operation of the API.

use regain_http_api::routes::{FALLBACK_FUNCTION, ROUTES};

use crate::{FUNCTIONS, indented, logical_name};

const BODY: &str = include_str!("../dashboard.json");

const HEAD: &str = "  Dashboard:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardName: !Ref AWS::StackName
      DashboardBody: !Sub
        - |
";

const TAIL: &str = "        - TableName: !If [MakesTable, !Ref Table, !Ref ExistingTable]\n";

/// The dashboard's resource.
pub(crate) fn resource() -> String {
    let lines: Vec<_> = BODY.lines().map(expanded).collect();
    format!("{HEAD}{}{TAIL}", indented(&lines.join("\n"), 12))
}

fn expanded(line: &str) -> String {
    let rows = |each: &str| -> Option<(usize, Vec<String>)> {
        let (before, rest) = line.split_once(&format!("\"each {each}: "))?;
        let (metric, _) = rest.split_once('"')?;
        let rows = match each {
            "function" => FUNCTIONS.iter().map(|function| of_function(metric, function.name)).collect(),
            // The fallback's own paths are no part of anybody's recovery.
            _ => ROUTES
                .iter()
                .filter(|route| route.function != FALLBACK_FUNCTION)
                .map(|route| of_operation(metric, route.operation))
                .collect(),
        };
        Some((before.len(), rows))
    };
    let Some((columns, rows)) = rows("function").or_else(|| rows("operation")) else {
        return line.to_owned();
    };
    let (_, after) = line.rsplit_once('"').unwrap_or_default();
    let space = " ".repeat(columns);
    format!("{space}{}{after}", rows.join(&format!(",\n{space}")))
}

fn of_function(metric: &str, function: &str) -> String {
    format!(r#"["AWS/Lambda", "{metric}", "FunctionName", "${{{}}}"]"#, logical_name(function))
}

fn of_operation(metric: &str, operation: &str) -> String {
    format!(r#"["Regain", "{metric}", "Stage", "${{Stage}}", "Operation", "{operation}"]"#)
}
