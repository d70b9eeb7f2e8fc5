//! The deployment template as data, for the tests that hold it to the code.

#![expect(clippy::unwrap_used, reason = "a template that can't be read fails the test that reads it")]
#![expect(clippy::missing_panics_doc, reason = "everything here panics at a template that is none")]

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Value, json};

use crate::documents;

pub use regain_template::logical_name;

/// The template as JSON, with the short forms of its functions written out.
#[must_use]
pub fn template() -> Value {
    parse(&documents::read("infra/template.yaml"))
}

/// The same of another text.
#[must_use]
pub fn parse(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    to_json(&documents[0])
}

fn to_json(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(members) => {
            members.iter().map(|(name, value)| (name.as_str().unwrap().to_owned(), to_json(value))).collect()
        }
        Yaml::Tagged(tag, value) => match (tag.suffix.as_str(), to_json(value)) {
            ("Ref", name) => json!({"Ref": name}),
            ("Condition", name) => json!({"Condition": name}),
            ("GetAtt", Value::String(path)) => {
                let (resource, attribute) = path.split_once('.').unwrap();
                json!({"Fn::GetAtt": [resource, attribute]})
            }
            (function, argument) => json!({format!("Fn::{function}"): argument}),
        },
        other => panic!("not a part of a template: {other:?}"),
    }
}

/// An attribute of a resource.
#[must_use]
pub fn get_att(resource: &str, attribute: &str) -> Value {
    json!({"Fn::GetAtt": [resource, attribute]})
}

/// References to the table, whether the stack makes it or is given one.
#[must_use]
pub fn of_table(attribute: &str) -> Value {
    let (made, existing) = match attribute {
        "Name" => (json!({"Ref": "Table"}), json!({"Ref": "ExistingTable"})),
        "StreamArn" => {
            let table =
                "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}";
            (get_att("Table", "StreamArn"), json!({"Fn::Sub": format!("{table}/stream/${{ExistingStream}}")}))
        }
        other => panic!("a table has no {other}"),
    };
    json!({"Fn::If": ["MakesTable", made, existing]})
}
