//! The numbering plans of the world's countries, as far as the rules need them: which numbers can't exist, and which
//! are mobiles'.
//!
//! They stand in `phone_plan.txt`, 25 kB, which a test makes of the metadata of Google's libphonenumber. The library
//! itself would add megabytes and tens of milliseconds of start to each function. A look-up walks through the lines;
//! nothing is parsed before the first.
//!
//! A line has, with `-` for nothing:
//!
//! 1. the calling code, which isn't the beginning of any other;
//! 2. the region, ISO 3166-1 alpha-2 or `XK`;
//! 3. how many digits national numbers have at the least;
//! 4. the digits that a prefix begins with which is dialled in front of national numbers within the country: 0, since
//!    people add that everywhere, and the country's own;
//! 5. the numbers that begin with these all the same, by one digit more;
//! 6. how many digits mobile numbers have;
//! 7. the mobile numbers.
//!
//! Numbers are listed by their first digits: `7(02369),81:8-9` is 7 and then one of 0, 2, 3, 6 and 9, or 8 or 1, and of
//! the latter those of 8 to 9 digits alone.
//!
//! "Mobile" is what the library calls `MOBILE` or `FIXED_LINE_OR_MOBILE`.

const TABLE: &str = include_str!("phone_plan.txt");

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    calling_code: &'static str,
    pub(crate) region: &'static str,
    shortest: &'static str,
    trunk_digits: &'static str,
    exceptions: &'static str,
    mobile_lengths: &'static str,
    mobiles: &'static str,
}

fn plans() -> impl Iterator<Item = Plan> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ').map(|word| if word == "-" { "" } else { word });
        Some(Plan {
            calling_code: words.next()?,
            region: words.next()?,
            shortest: words.next()?,
            trunk_digits: words.next()?,
            exceptions: words.next()?,
            mobile_lengths: words.next()?,
            mobiles: words.next()?,
        })
    })
}

/// The plans that a number (its digits, without `+`) may belong to, and the national number.
pub(crate) fn plans_of(digits: &str) -> impl Iterator<Item = (Plan, &str)> {
    plans().filter_map(move |plan| Some((plan, digits.strip_prefix(plan.calling_code)?)))
}

/// The region of a code such as `SE`, if it has numbers.
#[must_use]
pub fn region(code: &str) -> Option<&'static str> {
    plans().map(|plan| plan.region).find(|region| *region == code)
}

/// Whether there can be a number (its digits, without `+`). Plans grow, so a number isn't measured by all that is
/// known: it has a country, is as long as numbers there are, and has no trunk prefix behind the calling code.
pub(crate) fn may_exist(digits: &str) -> bool {
    plans_of(digits).any(|(plan, national)| plan.may_have(national))
}

impl Plan {
    fn may_have(&self, national: &str) -> bool {
        let is_long_enough = self.shortest.parse().is_ok_and(|shortest: usize| national.len() >= shortest);
        let has_trunk_digit = national.starts_with(|digit| self.trunk_digits.contains(digit));
        is_long_enough && (!has_trunk_digit || begins_as(self.exceptions, national, national.len(), ""))
    }

    /// Whether a national number is a mobile's.
    pub(crate) fn is_mobile(&self, national: &str) -> bool {
        begins_as(self.mobiles, national, national.len(), self.mobile_lengths)
    }
}

/// Whether the digits begin as the list says, and the number has as many as it says.
fn begins_as(list: &str, digits: &str, length: usize, lengths: &str) -> bool {
    let Some(first) = digits.chars().next() else { return false };
    items(list).any(|item| {
        let (firsts, rest) = item.split_at(item.find(['(', ':']).unwrap_or(item.len()));
        let below = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        firsts.contains(first)
            && match below {
                Some(list) => begins_as(list, &digits[1..], length, lengths),
                None => has_length(rest.strip_prefix(':').unwrap_or(lengths), length),
            }
    })
}

/// The items of a list with commas between, each with what is in brackets behind it.
fn items(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    list.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
}

/// Whether a length is among `7`, `7-9`, `7+10`.
fn has_length(lengths: &str, length: usize) -> bool {
    lengths.split('+').any(|range| {
        let (least, most) = range.split_once('-').unwrap_or((range, range));
        let bounds = least.parse().ok().zip(most.parse().ok());
        bounds.is_some_and(|(least, most)| (least..=most).contains(&length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_whole_and_no_calling_code_begins_another() {
        assert_eq!(plans().count(), TABLE.lines().filter(|line| !line.starts_with('#')).count());
        let codes: Vec<_> = plans().map(|plan| plan.calling_code).collect();
        for code in &codes {
            assert!(codes.iter().all(|other| other == code || !other.starts_with(code)), "{code}");
        }
    }

    #[test]
    fn lists_say_how_numbers_begin_and_how_long_they_are() {
        let list = "7(02(1,3),9),81:8-9,5(6:7+10)";
        for (digits, expected) in [
            ("7010000", true),
            ("7230000", true),
            ("7900000", true),
            ("7020000", false),
            ("79000000", false),
            ("81000000", true),
            ("100000000", true),
            ("8100000", false),
            ("5600000", true),
            ("5600000000", true),
            ("56000000", false),
            ("6000000", false),
            ("7", false),
            ("", false),
        ] {
            assert_eq!(begins_as(list, digits, digits.len(), "7"), expected, "{digits}");
        }
        assert!(!begins_as("", "7010000", 7, ""));
    }
}
