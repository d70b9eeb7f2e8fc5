//! `countries.txt` says what Google's metadata say: it is made of their patterns of landlines and mobiles,
//! and its answers are compared with those of the library that reads them.
//!
//! When the library is updated and the numbering plans with it, write a new table:
//! `REGAIN_WRITE_COUNTRIES=1 cargo test -p regain-sns --test countries`, and look at the difference.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fmt::Write;

use phonenumber::Type;
use phonenumber::metadata::DATABASE;
use regain_domain::PhoneNumber;
use regain_sns::Countries;
use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/countries.txt");

const HEAD: &str = "\
# The regions of calling codes, and where regions share one, the first digits of their landlines and
# mobiles. Written by a test, tests/countries.rs, from the metadata of Google's libphonenumber.
";

/// Where this many digits still leave a choice, the first region that they may belong to has them, which
/// is the code's main one.
const DEPTH: usize = 6;

/// The landlines and mobiles of a region, as an automaton that reads national numbers.
struct Plan {
    region: String,
    automaton: dense::DFA<Vec<u32>>,
}

impl Plan {
    fn new(region: &str) -> Self {
        let descriptors = DATABASE.by_id(region).unwrap().descriptors();
        let patterns: Vec<String> = [descriptors.fixed_line(), descriptors.mobile()]
            .into_iter()
            .flatten()
            .map(|descriptor| format!("(?:{})", descriptor.national_number().as_str()))
            .collect();
        let config = dense::Config::new().start_kind(StartKind::Anchored);
        let automaton = dense::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().ignore_whitespace(true).unicode(false).utf8(false))
            .build(&patterns.join("|"))
            .unwrap();
        Self { region: region.to_owned(), automaton }
    }

    fn start(&self) -> StateID {
        self.automaton.start_state(&start::Config::new().anchored(Anchored::Yes)).unwrap()
    }
}

/// A plan and where its automaton stands after some digits, for each plan that has such numbers.
type Live<'a> = Vec<(&'a Plan, StateID)>;

/// Notes under each region the shortest first digits that are its own; answers with the region if all
/// numbers that begin so are one region's.
fn walk<'a>(prefix: &str, live: &Live<'a>, found: &mut BTreeMap<String, &'a str>) -> Option<&'a str> {
    let (first, _) = live.first()?;
    if live.len() == 1 || prefix.len() == DEPTH {
        found.insert(prefix.to_owned(), &first.region);
        return Some(&first.region);
    }
    let mut below = BTreeMap::new();
    let mut regions = Vec::new();
    // First digits there have to be: a line without any is that of a code's only region.
    let mut mixed = prefix.is_empty();
    for digit in '0'..='9' {
        let step = |(plan, state): &(&'a Plan, StateID)| {
            let next = plan.automaton.next_state(*state, u8::try_from(digit).unwrap());
            (!plan.automaton.is_dead_state(next)).then_some((*plan, next))
        };
        let live: Live<'a> = live.iter().filter_map(step).collect();
        if !live.is_empty() {
            let region = walk(&format!("{prefix}{digit}"), &live, &mut below);
            mixed |= region.is_none();
            regions.extend(region);
        }
    }
    regions.sort_unstable();
    regions.dedup();
    match regions.as_slice() {
        [] if !mixed => below = BTreeMap::from([(prefix.to_owned(), first.region.as_str())]),
        [region] if !mixed => below = BTreeMap::from([(prefix.to_owned(), *region)]),
        _ => mixed = true,
    }
    found.append(&mut below);
    if mixed { None } else { found.get(prefix).copied() }
}

fn table() -> String {
    let mut table = HEAD.to_owned();
    for code in 1..=999_u16 {
        let regions = DATABASE.region(&code).unwrap_or_default();
        let mut regions: Vec<&str> = regions.into_iter().filter(|region| *region != "001").collect();
        if let [region] = regions.as_slice() {
            writeln!(table, "{code} {region}").unwrap();
            continue;
        }
        let plans: Vec<Plan> = regions.iter().map(|region| Plan::new(region)).collect();
        let mut found = BTreeMap::new();
        walk("", &plans.iter().map(|plan| (plan, plan.start())).collect(), &mut found);
        regions.sort_unstable();
        for region in regions {
            write!(table, "{code} {region}").unwrap();
            for (prefix, _) in found.iter().filter(|(_, owner)| **owner == region) {
                write!(table, " {prefix}").unwrap();
            }
            table.push('\n');
        }
    }
    table
}

#[test]
fn the_table_is_the_librarys() {
    let table = table();
    if std::env::var_os("REGAIN_WRITE_COUNTRIES").is_some() {
        std::fs::write(FILE, &table).unwrap();
    }
    assert!(std::fs::read_to_string(FILE).unwrap() == table, "countries.txt isn't the library's: see above");
}

/// The library's answer for a number that is a valid landline or mobile.
fn librarys_region(number: &str) -> Option<String> {
    let number = phonenumber::parse(None, number).ok().filter(phonenumber::is_valid)?;
    let is_persons =
        matches!(number.number_type(&DATABASE), Type::FixedLine | Type::Mobile | Type::FixedLineOrMobile);
    number.country().id().filter(|_| is_persons).map(|id| format!("{id:?}"))
}

/// The example numbers of every region, and numbers near them.
#[test]
fn the_answers_are_the_librarys() {
    let mut compared = 0;
    for plan in DATABASE.iter().filter(|plan| plan.id() != "001") {
        let descriptors = plan.descriptors();
        let examples = [descriptors.fixed_line(), descriptors.mobile()];
        for example in examples.into_iter().flatten().filter_map(|descriptor| descriptor.example()) {
            for change in (0..100).step_by(3) {
                let mut national = example.to_owned();
                let end = national.len().min(4);
                national.replace_range(end - 2..end, &format!("{change:02}"));
                let text = format!("+{}{national}", plan.country_code());
                let (Some(number), Some(region)) = (PhoneNumber::parse(&text), librarys_region(&text)) else {
                    continue;
                };
                assert!(Countries::parse(&region).unwrap().allow(&number), "{text} is of {region}");
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}
