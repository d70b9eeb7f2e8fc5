//! The variables that the template gives to each function: all that it reads, in the room that Lambda has.

use regain_bootstrap::settings::SETTINGS;
use regain_harness::template::logical_name;
use regain_local_stack::functions::REGISTRY;
use serde_json::{Map, Value, json};

use crate::settings::used;
use crate::template::template;

/// Lambda's limit for the variables of a function, in bytes: of their names and values, as JSON.
const LARGEST: usize = 4_096;

/// The variables of a function: those of `Globals`, and its own.
fn environment(template: &Value, function: &str) -> Map<String, Value> {
    let own = &template["Resources"][logical_name(function)]["Properties"];
    let of = |properties: &Value| properties["Environment"]["Variables"].as_object().cloned();
    let mut variables = of(&template["Globals"]["Function"]).unwrap();
    variables.extend(of(own).unwrap_or_default());
    variables
}

/// The characters of the longest value that a parameter takes on AWS.
fn longest_of_parameter(template: &Value, name: &str, variable: &str) -> usize {
    let parameter = &template["Parameters"][name];
    if let Some(values) = parameter["AllowedValues"].as_array() {
        return values.iter().map(|value| value.as_str().unwrap().len()).max().unwrap();
    }
    if parameter["Type"] == "Number" {
        let largest = parameter["MaxValue"].as_u64().or_else(|| {
            let setting = SETTINGS.iter().find(|setting| setting.name == variable)?;
            Some(setting.safe.1.into())
        });
        return largest.unwrap().to_string().len();
    }
    // A support page or an address, and not both: the template has a rule.
    if name == "SupportEmail" {
        return 0;
    }
    let longest = parameter["MaxLength"].as_u64().unwrap_or_else(|| panic!("{name} has no MaxLength"));
    usize::try_from(longest).unwrap()
}

/// The characters of a variable's longest value; `None` for one that emulators alone have.
fn longest(template: &Value, variable: &str, value: &Value) -> Option<usize> {
    match (&value["Fn::If"], value["Ref"].as_str()) {
        (Value::Array(branches), _) if branches[0].as_str().unwrap().ends_with("Endpoint") => None,
        (Value::Array(branches), _) => {
            branches[1..].iter().filter_map(|branch| longest(template, variable, branch)).max()
        }
        (_, Some(name)) if template["Parameters"].get(name).is_some() => {
            Some(longest_of_parameter(template, name, variable))
        }
        // A name or an ARN of a resource.
        (_, Some(_)) => Some(150),
        _ => Some(value.as_str().unwrap_or_else(|| panic!("{variable}: {value}")).len()),
    }
}

#[test]
fn the_variables_of_every_function_fit_however_long_the_parameters_are() {
    let template = template();
    for function in &REGISTRY {
        let variables = environment(&template, function.name);
        let longest = variables.iter().filter_map(|(name, value)| {
            longest(&template, name, value).map(|length| (name.clone(), json!("a".repeat(length))))
        });
        let size = Value::Object(longest.collect()).to_string().len();
        assert!(size <= LARGEST, "{}: {size} bytes", function.name);
    }
}

#[test]
fn every_function_is_given_what_it_reads() {
    let template = template();
    let given = |function: &str| environment(&template, function);
    let anywhere: Vec<_> = REGISTRY.iter().flat_map(|function| given(function.name)).collect();
    for function in &REGISTRY {
        let given = given(function.name);
        for name in used(function).iter().filter(|name| anywhere.iter().any(|(other, _)| other == *name)) {
            assert!(given.contains_key(name), "{} reads {name}", function.name);
        }
    }
}
