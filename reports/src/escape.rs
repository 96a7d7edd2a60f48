//! Makes text from a broker harmless: for eyes and terminals, and for XML.
//!
//! A backslash is left alone, so a broker that sends the six letters `\u{1b}` reads like one that sent an
//! escape character. The bytes in the timeline tell them apart.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character may stand in a line of a report as it is: it does not move the cursor, start a new
/// line, hide, or change the order in which its neighbours are shown.
#[must_use]
pub fn is_visible(character: char) -> bool {
    !character.is_control()
        && is_xml_char(character)
        && !matches!(character,
            // Soft hyphen, and the marks of Arabic and Syriac that are not drawn.
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
            // Zero width, and the marks that change the direction of writing.
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Annotation marks, and the tags that spell text nobody sees.
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether XML 1.0 can hold the character at all (production 2, `Char`).
fn is_xml_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// One line that any terminal shows as it stands: all else becomes `\u{..}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    escape_unless(text, is_visible)
}

/// Text whose every character XML 1.0 can hold: all else becomes `\u{..}`. Markup is left to the writer.
#[must_use]
pub fn xml_safe(text: &str) -> Cow<'_, str> {
    // A reader turns a raw carriage return into a line feed, so that one is spelled out too.
    escape_unless(text, |character| is_xml_char(character) && character != '\r')
}

/// The content of a CDATA section: as [`xml_safe`], and `]]>` is split over two sections.
#[must_use]
pub fn cdata_safe(text: &str) -> String {
    xml_safe(text).replace("]]>", "]]]]><![CDATA[>")
}

/// The first `limit` characters of a text, and how much was left out.
#[must_use]
pub fn clip(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            let (kept, rest) = text.split_at(at);
            Cow::Owned(format!("{kept}… ({} more characters)", rest.chars().count()))
        }
    }
}

fn escape_unless(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&keep) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if keep(character) {
            escaped.push(character);
        } else {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::{cdata_safe, clip, visible, xml_safe};

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        assert_eq!(
            visible("\u{1b}[2J\u{9b}1m\r\n\u{202e}x\u{2028}"),
            r"\u{1b}[2J\u{9b}1m\u{d}\u{a}\u{202e}x\u{2028}"
        );
    }

    #[test]
    fn ordinary_letters_of_any_script_stay() {
        for text in ["", "sensor/1", "温度", "Ünïcode ✓", r"a\b", "🦀"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn xml_keeps_line_breaks_and_tabs_only() {
        assert_eq!(
            xml_safe("a\tb\nc\r\0\u{fffe}\u{ffff}\u{1f}"),
            "a\tb\nc\\u{d}\\u{0}\\u{fffe}\\u{ffff}\\u{1f}"
        );
    }

    #[test]
    fn the_end_of_a_cdata_section_is_split() {
        assert_eq!(cdata_safe("]]><&"), "]]]]><![CDATA[><&");
    }

    #[test]
    fn a_clipped_text_says_how_much_is_missing() {
        assert_eq!(clip("añb", 3), "añb");
        assert_eq!(clip("añbcd", 2), "añ… (3 more characters)");
    }
}
