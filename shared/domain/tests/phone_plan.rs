//! `phone_plan.txt` says what Google's metadata say: it is made of their patterns, and its answers are compared with
//! those of the library that reads them.
//!
//! When the library is updated and the numbering plans with it, write a new table:
//! `REGAIN_WRITE=1 cargo test --workspace --test phone_plan`, and look at the difference.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use phonenumber::metadata::{DATABASE, Descriptor, Metadata};
use phonenumber::{Mode, Type};
use regain_domain::PhoneNumber;
use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/phone_plan.txt");

const HEAD: &str = "\
# The numbering plans, as phone_plan.rs reads them. Written by a test, tests/phone_plan.rs, from the metadata of
# Google's libphonenumber.
";

/// The longest national number that the walk looks at.
const LONGEST: usize = 15;

/// A pattern of national numbers, and how many digits they have if that is said beside it.
struct Pattern {
    automaton: dense::DFA<Vec<u32>>,
    lengths: Vec<u16>,
}

impl Pattern {
    fn new(pattern: &str, lengths: &[u16]) -> Self {
        let config = dense::Config::new().start_kind(StartKind::Anchored);
        let syntax = syntax::Config::new().ignore_whitespace(true).unicode(false).utf8(false);
        let automaton = dense::Builder::new().configure(config).syntax(syntax).build(pattern).unwrap();
        Self { automaton, lengths: lengths.to_vec() }
    }

    fn of(descriptor: &Descriptor) -> Self {
        Self::new(&format!("(?:{})$", descriptor.national_number().as_str()), descriptor.possible_length())
    }

    fn start(&self) -> StateID {
        self.automaton.start_state(&start::Config::new().anchored(Anchored::Yes)).unwrap()
    }

    fn matches(&self, state: StateID, length: usize) -> bool {
        let has_length = self.lengths.is_empty() || self.lengths.contains(&u16::try_from(length).unwrap());
        has_length && self.automaton.is_match_state(self.automaton.next_eoi_state(state))
    }
}

/// The type of a number in a region.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Mobile,
    Other,
}

/// Where each pattern of a region stands after some digits.
type Place = Vec<StateID>;

/// The patterns of a region.
struct Region {
    metadata: &'static Metadata,
    /// All of them, in the order in which `kind` asks.
    patterns: Vec<Pattern>,
    /// How many of these come before those of landlines and mobiles.
    others: usize,
    /// Landlines and mobiles have one pattern.
    is_shared: bool,
}

impl Region {
    fn new(metadata: &'static Metadata) -> Self {
        let all = metadata.descriptors();
        let text =
            |descriptor: Option<&Descriptor>| descriptor.map(|d| d.national_number().as_str().to_owned());
        let special = [
            all.premium_rate(),
            all.toll_free(),
            all.shared_cost(),
            all.voip(),
            all.personal_number(),
            all.pager(),
            all.uan(),
            all.voicemail(),
        ];
        let mut patterns = vec![Pattern::of(all.general())];
        patterns.extend(special.into_iter().flatten().map(Pattern::of));
        let others = patterns.len();
        patterns.extend([all.fixed_line(), all.mobile()].into_iter().flatten().map(Pattern::of));
        let leading_digits = metadata.leading_digits();
        patterns.extend(
            leading_digits.map(|digits| Pattern::new(&format!("(?:{})[0-9]*$", digits.as_str()), &[])),
        );
        Self { metadata, patterns, others, is_shared: text(all.fixed_line()) == text(all.mobile()) }
    }

    fn id(&self) -> &'static str {
        self.metadata.id()
    }

    fn start(&self) -> Place {
        self.patterns.iter().map(Pattern::start).collect()
    }

    /// After one more digit, unless no number goes on so.
    fn step(&self, place: &Place, digit: u8) -> Option<Place> {
        let step = |(pattern, state): (&Pattern, &StateID)| pattern.automaton.next_state(*state, digit);
        let next: Place = self.patterns.iter().zip(place).map(step).collect();
        let is_dead = self.patterns[0].automaton.is_dead_state(next[0]);
        (!is_dead).then_some(next)
    }

    /// As the library's `number_type` decides, with patterns that match whole numbers.
    fn kind(&self, place: &Place, length: usize) -> Kind {
        let matches = |index: usize| self.patterns[index].matches(place[index], length);
        let all = self.metadata.descriptors();
        let is_landline = all.fixed_line().is_some() && matches(self.others);
        let is_mobile =
            all.mobile().is_some() && matches(self.others + usize::from(all.fixed_line().is_some()));
        if !matches(0) {
            Kind::Unknown
        } else if (1..self.others).any(matches) {
            Kind::Other
        } else if is_mobile || (is_landline && self.is_shared) {
            Kind::Mobile
        } else if is_landline {
            Kind::Other
        } else {
            Kind::Unknown
        }
    }

    /// Whether a number is this region's by its first digits, whatever it is.
    fn leads(&self, place: &Place, length: usize) -> bool {
        let last = self.patterns.len() - 1;
        self.metadata.leading_digits().is_some() && self.patterns[last].matches(place[last], length)
    }
}

/// The types of numbers with some first digits: that number itself, and those that go on with each digit.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Node {
    /// The region whose number it is, and whether it is a mobile's.
    number: Option<(&'static str, bool)>,
    /// None or ten.
    below: Vec<usize>,
}

/// Where each region's patterns stand after so many digits.
type Places = (usize, Vec<Option<Place>>);

/// Everything about a calling code: its nodes without repetition, the empty one first.
struct Tree {
    nodes: Vec<Node>,
    known: HashMap<Node, usize>,
}

impl Tree {
    fn new() -> Self {
        Self { nodes: vec![Node::default()], known: HashMap::from([(Node::default(), 0)]) }
    }

    fn add(&mut self, mut node: Node) -> usize {
        if node.below.iter().all(|below| *below == 0) {
            node.below.clear();
        }
        let next = self.nodes.len();
        let index = *self.known.entry(node.clone()).or_insert(next);
        if index == next {
            self.nodes.push(node);
        }
        index
    }

    fn walk(
        &mut self,
        regions: &[Region],
        (length, places): Places,
        seen: &mut HashMap<Places, usize>,
    ) -> usize {
        if places.iter().all(Option::is_none) || length > LONGEST {
            return 0;
        }
        let key = (length, places);
        if let Some(index) = seen.get(&key) {
            return *index;
        }
        let mut number = None;
        for (region, place) in regions.iter().zip(&key.1) {
            let Some(place) = place else { continue };
            let kind = region.kind(place, length);
            if kind != Kind::Unknown {
                number = Some((region.id(), kind == Kind::Mobile));
            }
            if kind != Kind::Unknown || region.leads(place, length) {
                break;
            }
        }
        let mut below = Vec::new();
        for digit in b'0'..=b'9' {
            let step = |(region, place): (&Region, &Option<Place>)| region.step(place.as_ref()?, digit);
            let next = regions.iter().zip(&key.1).map(step).collect();
            below.push(self.walk(regions, (length + 1, next), seen));
        }
        let index = self.add(Node { number, below });
        seen.insert(key, index);
        index
    }

    /// A tree of the numbers that are wanted, and its root.
    fn of(&self, root: usize, wanted: impl Fn(&str, bool) -> bool) -> (Self, usize) {
        let mut other = Self::new();
        // What is below a node was added before it.
        let mut copies = Vec::new();
        for Node { number, below } in &self.nodes[..=root] {
            let number = number.filter(|(region, is_mobile)| wanted(region, *is_mobile));
            let below = below.iter().map(|index: &usize| copies[*index]).collect();
            copies.push(other.add(Node { number, below }));
        }
        (other, copies[root])
    }

    /// The lengths of the numbers below a node, if these are all that matters of them.
    fn lengths(&self, index: usize, length: usize) -> Option<Vec<usize>> {
        let Node { number, below } = &self.nodes[index];
        let mut lengths: Vec<usize> = number.iter().map(|_| length).collect();
        if let Some(first) = below.first() {
            if below.iter().any(|other| other != first) {
                return None;
            }
            lengths.extend(self.lengths(*first, length + 1)?);
        }
        Some(lengths)
    }

    /// How often each set of lengths stands in the list of a node.
    fn count(&self, index: usize, length: usize, counts: &mut BTreeMap<Vec<usize>, usize>) {
        match self.lengths(index, length) {
            Some(lengths) if lengths.is_empty() => {}
            Some(lengths) => *counts.entry(lengths).or_default() += 1,
            None => self.nodes[index].below.iter().for_each(|below| self.count(*below, length + 1, counts)),
        }
    }

    /// The node as a list of the table.
    fn list(&self, index: usize, length: usize, usual: &[usize]) -> String {
        if let Some(lengths) = self.lengths(index, length) {
            return if lengths == usual { String::new() } else { format!(":{}", shown(&lengths)) };
        }
        let mut groups: Vec<(String, usize)> = Vec::new();
        for (digit, below) in self.nodes[index].below.iter().enumerate().filter(|(_, below)| **below != 0) {
            match groups.iter_mut().find(|(_, other)| other == below) {
                Some((digits, _)) => digits.push_str(&digit.to_string()),
                None => groups.push((digit.to_string(), *below)),
            }
        }
        let item = |(digits, below): &(String, usize)| {
            let rest = self.list(*below, length + 1, usual);
            let is_list = !rest.is_empty() && !rest.starts_with(':');
            if is_list { format!("{digits}({rest})") } else { format!("{digits}{rest}") }
        };
        groups.iter().map(item).collect::<Vec<_>>().join(",")
    }

    /// Every length of a number below a node.
    fn all_lengths(&self, root: usize) -> BTreeSet<usize> {
        let mut lengths: Vec<BTreeSet<usize>> = Vec::new();
        for Node { number, below } in &self.nodes[..=root] {
            let further = below.iter().flat_map(|below: &usize| &lengths[*below]).map(|length| length + 1);
            lengths.push(number.map(|_| 0).into_iter().chain(further).collect());
        }
        lengths.swap_remove(root)
    }

    /// The numbers that begin with a digit, as a list of the table that looks at one digit more.
    fn after(&self, root: usize, first: usize) -> Option<String> {
        let below = self.nodes[root].below.get(first)?;
        let mut groups: Vec<(String, String)> = Vec::new();
        for (digit, below) in self.nodes[*below].below.iter().enumerate().filter(|(_, below)| **below != 0) {
            let lengths: Vec<usize> = self.all_lengths(*below).iter().map(|length| length + 2).collect();
            let lengths = shown(&lengths);
            match groups.iter_mut().find(|(_, other)| *other == lengths) {
                Some((digits, _)) => digits.push_str(&digit.to_string()),
                None => groups.push((digit.to_string(), lengths)),
            }
        }
        let items: Vec<_> = groups.iter().map(|(digits, lengths)| format!("{digits}:{lengths}")).collect();
        (!items.is_empty()).then(|| format!("{first}({})", items.join(",")))
    }
}

fn shown(lengths: &[usize]) -> String {
    match lengths {
        [first, .., last] if last - first + 1 == lengths.len() => format!("{first}-{last}"),
        _ => lengths.iter().map(usize::to_string).collect::<Vec<_>>().join("+"),
    }
}

/// A region's line.
fn line(code: u16, region: &Region, tree: &Tree, root: usize) -> String {
    let or_nothing = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let (own, own_root) = tree.of(root, |id, _| id == region.id());
    // None where every number is a main region's as well.
    let shortest = own.all_lengths(own_root).first().map(usize::to_string);
    let (mobiles, mobile_root) = own.of(own_root, |_, is_mobile| is_mobile);
    let mut counts = BTreeMap::new();
    mobiles.count(mobile_root, 0, &mut counts);
    let usual = counts.into_iter().max_by_key(|(_, count)| *count).unwrap_or_default().0;
    let list = if mobile_root == 0 { String::new() } else { mobiles.list(mobile_root, 0, &usual) };
    let prefix = region.metadata.national_prefix().and_then(|prefix| prefix.chars().next());
    let trunk_digits: BTreeSet<char> = std::iter::once('0').chain(prefix).collect();
    let after = |digit: &char| own.after(own_root, usize::try_from(digit.to_digit(10)?).ok()?);
    let exceptions: Vec<String> = trunk_digits.iter().filter_map(after).collect();
    format!(
        "{code} {} {} {} {} {} {}",
        region.id(),
        or_nothing(shortest.unwrap_or_default()),
        trunk_digits.iter().collect::<String>(),
        or_nothing(exceptions.join(",")),
        or_nothing(shown(&usual)),
        or_nothing(list),
    )
}

fn table() -> String {
    let mut table = HEAD.to_owned();
    for code in 1..=999_u16 {
        // "001" is what belongs to no country.
        let ids = DATABASE.region(&code).unwrap_or_default().into_iter().filter(|id| *id != "001");
        let regions: Vec<Region> = ids.map(|id| Region::new(DATABASE.by_id(id).unwrap())).collect();
        let mut tree = Tree::new();
        let places = regions.iter().map(|region| Some(region.start())).collect();
        let root = tree.walk(&regions, (0, places), &mut HashMap::new());
        for region in &regions {
            writeln!(table, "{}", line(code, region, &tree, root)).unwrap();
        }
    }
    table
}

#[test]
fn the_table_is_the_librarys() {
    let table = table();
    if std::env::var_os("REGAIN_WRITE").is_some() {
        std::fs::write(FILE, &table).unwrap();
    }
    assert!(std::fs::read_to_string(FILE).unwrap() == table, "phone_plan.txt isn't the library's: see above");
}

/// The library's answers about a number: its region, and whether that is a mobile's; `None` if it is none, or one of
/// those that begin with 0, whose kind it decides without the 0.
fn librarys(number: &str) -> Option<(String, bool)> {
    // It takes a trunk prefix away: then the number was another.
    let is_this = |parsed: &phonenumber::PhoneNumber| parsed.format().mode(Mode::E164).to_string() == number;
    let number = phonenumber::parse(None, number).ok().filter(phonenumber::is_valid).filter(is_this)?;
    if number.national().zeros() > 0 {
        return None;
    }
    let is_mobile = matches!(number.number_type(&DATABASE), Type::Mobile | Type::FixedLineOrMobile);
    number.country().id().map(|id| (format!("{id:?}"), is_mobile))
}

/// The kinds of numbers that a region has.
fn kinds(plan: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let all = plan.descriptors();
    let kinds = [
        all.fixed_line(),
        all.mobile(),
        all.toll_free(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.voip(),
        all.pager(),
        all.uan(),
        all.voicemail(),
    ];
    kinds.into_iter().flatten()
}

/// Whether a pattern is that of the number's beginning. Google's library asks for whole numbers; this port of it
/// takes these too, where the length is one of the pattern's others.
fn matches_in_part(kind: &Descriptor, national: &str) -> bool {
    kind.national_number()
        .find(national)
        .is_some_and(|found| found.start() == 0 && found.end() < national.len())
}

/// The example numbers of every region and kind, and numbers near them.
#[test]
fn the_answers_are_the_librarys() {
    let (mut mobiles, mut others) = (0, 0);
    for plan in DATABASE.iter().filter(|plan| plan.id() != "001") {
        let regions = DATABASE.by_code(&plan.country_code()).unwrap();
        for example in kinds(plan).filter_map(Descriptor::example) {
            for change in (0..1_000).step_by(43) {
                // The digits behind the first tell kinds of numbers apart.
                let mut national = example.to_owned();
                let end = national.len().min(4);
                let digits = format!("{change:03}");
                national.replace_range(1..end, &digits[4 - end..]);
                if regions.iter().flat_map(|plan| kinds(plan)).any(|kind| matches_in_part(kind, &national)) {
                    continue;
                }
                let text = format!("+{}{national}", plan.country_code());
                let Some((region, is_mobile)) = librarys(&text) else { continue };
                let number = PhoneNumber::parse(&text).unwrap_or_else(|| panic!("{text} exists"));
                let expected = is_mobile.then_some(region.as_str());
                assert_eq!(number.mobile_region(), expected, "{text}");
                *(if is_mobile { &mut mobiles } else { &mut others }) += 1;
            }
        }
    }
    assert!(mobiles > 2_000 && others > 2_000, "{mobiles} mobiles and {others} others");
}

/// A 0 behind the calling code makes no number, wherever the library has none that begin so.
#[test]
fn a_zero_in_front_of_a_mobile_number_makes_none_unless_numbers_begin_so() {
    let mut refused = 0;
    for plan in DATABASE.iter().filter(|plan| plan.id() != "001") {
        let Some(example) = plan.descriptors().mobile().and_then(Descriptor::example) else { continue };
        let with_zero = format!("0{example}");
        if PhoneNumber::parse(&format!("+{}{with_zero}", plan.country_code())).is_some() {
            let regions = DATABASE.by_code(&plan.country_code()).unwrap();
            assert!(
                regions.into_iter().any(|plan| plan.descriptors().general().is_match(&with_zero)),
                "{with_zero}"
            );
        } else {
            refused += 1;
        }
    }
    assert!(refused > 200, "{refused}");
}
