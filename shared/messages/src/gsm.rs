//! The cost of a text message: the default alphabet of GSM (3GPP TS 23.038, section 6.2.1) and segments.

/// The basic table, a septet a character. The escape to the extension table is no character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table, two septets a character.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The septets of a text, or `None` if a character is in neither table, so that all of it is sent in
/// UCS-2.
pub(crate) fn septets(text: &str) -> Option<usize> {
    text.chars().map(|c| if BASIC.contains(c) { Some(1) } else { EXTENSION.contains(c).then_some(2) }).sum()
}

/// How many segments a text is sent, and paid, as: one of up to 160 septets or 70 UTF-16 units, or more
/// of 153 or 67 (3GPP TS 23.040, section 9.2.3.24.1: the header takes the rest).
pub(crate) fn segments(text: &str) -> usize {
    let (length, one, each) = match septets(text) {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= one { 1 } else { length.div_ceil(each) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
        assert!(EXTENSION.chars().all(|c| !BASIC.contains(c)));
    }

    #[test]
    fn segments_are_counted_by_the_alphabet() {
        assert_eq!(septets("Åäö@"), Some(4));
        assert_eq!(septets("€[]"), Some(6));
        assert_eq!(septets("ç"), None);
        for (text, expected) in [
            ("", 1),
            (&*"a".repeat(160), 1),
            (&*"a".repeat(161), 2),
            (&*"a".repeat(306), 2),
            (&*"a".repeat(307), 3),
            (&*"€".repeat(81), 2),
            (&*"я".repeat(70), 1),
            (&*"я".repeat(71), 2),
            (&*"😀".repeat(36), 2),
        ] {
            assert_eq!(segments(text), expected, "{} characters", text.chars().count());
        }
    }
}
