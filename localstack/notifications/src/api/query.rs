//! Query strings: reading them, and forgiving what a `+` that was not encoded turns into.

use std::collections::BTreeMap;

use http::Uri;

use crate::http::Problem;

/// The parameters of a request, by name.
#[derive(Debug)]
pub(crate) struct Query {
    parameters: BTreeMap<String, String>,
}

impl Query {
    /// The parameters of `uri`, whatever their names; of a repeated one, the last.
    pub(crate) fn lenient(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self { parameters: pairs.into_owned().collect() }
    }

    /// The parameters of `uri`, each of which must be one of `known`, given once and not empty: a misspelt or
    /// empty filter would otherwise match everything.
    pub(crate) fn strict(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned() {
            if !known.contains(&name.as_str()) {
                return Err(Problem::invalid_request(format!(
                    "There is no parameter {name}; there are {}.",
                    known.join(", ")
                )));
            }
            if value.is_empty() {
                return Err(Problem::invalid_request(format!("The parameter {name} is empty.")));
            }
            if parameters.insert(name.clone(), value).is_some() {
                return Err(Problem::invalid_request(format!("The parameter {name} is given twice.")));
            }
        }
        Ok(Self { parameters })
    }

    /// The value of a parameter that is present and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that is an address, trimmed.
    ///
    /// Addresses have no spaces, so a space in one is a `+` that the client did not encode: `to=+4670…` and
    /// `to=anna+test@example.com` mean what they look like.
    pub(crate) fn address(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let trimmed = value.trim();
        let plus = value.starts_with(' ') && trimmed.bytes().all(|byte| byte.is_ascii_digit());
        Some(format!("{}{}", if plus { "+" } else { "" }, trimmed.replace(' ', "+")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(query: &str) -> Option<String> {
        Query::lenient(&format!("/?{query}").parse().unwrap()).address("to")
    }

    #[test]
    fn a_plus_need_not_be_encoded() {
        for (query, expected) in [
            ("to=+46701234567", "+46701234567"),
            ("to=%2B46701234567", "+46701234567"),
            ("to=anna+test@example.com", "anna+test@example.com"),
            ("to=anna%2Btest@example.com", "anna+test@example.com"),
            ("to=%20anna@example.com%20", "anna@example.com"),
        ] {
            assert_eq!(address(query).as_deref(), Some(expected), "{query}");
        }
        assert_eq!(address("to="), None);
    }
}
