//! Makes any text harmless in Markdown and in the HTML inside of it.

use std::fmt::Write as _;

use crate::escape::{clip, visible};

/// Longer texts are cut.
const CHARACTERS: usize = 400;

/// The same for what sums up a run, and may name all the statements that there are.
const WHOLE: usize = 8_000;

/// Text inside of a paragraph, a table or an HTML element: one line, of which no character is markup.
///
/// Character references stand for literal characters everywhere outside of code spans, in Markdown as in HTML.
pub(super) fn inline(text: &str) -> String {
    harmless(text, CHARACTERS)
}

/// The same for a text that is a paragraph of its own.
pub(super) fn line(text: &str) -> String {
    harmless(text, WHOLE)
}

fn harmless(text: &str, characters: usize) -> String {
    let mut escaped = String::new();
    let mut before = ' ';
    for character in visible(&clip(text, characters)).chars() {
        // A dot is left alone for the sake of who reads the source, except after the `www` of a link.
        let is_plain = match character {
            '.' => !matches!(before, 'w' | 'W'),
            ',' | '-' | '/' | '(' | ')' | '=' | '%' | ';' => true,
            other => !other.is_ascii_punctuation(),
        };
        if is_plain {
            escaped.push(character);
        } else {
            // Writing to a string does not fail.
            let _ = write!(escaped, "&#{};", u32::from(character));
        }
        before = character;
    }
    escaped
}

/// Lines inside of `<pre>`.
pub(super) fn preformatted(text: &str) -> String {
    let mut escaped = String::new();
    for line in text.lines() {
        let line = visible(line).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        escaped.push_str(&line);
        escaped.push('\n');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{inline, preformatted};

    #[test]
    fn no_markup_is_left() {
        assert_eq!(
            inline("a|b `c` <i>&amp;\n[x](http://y) www.z @me #1 *_~\\$!"),
            "a&#124;b &#96;c&#96; &#60;i&#62;&#38;amp;&#92;u&#123;a&#125;&#91;x&#93;(http&#58;//y) www&#46;z &#64;me \
             &#35;1 &#42;&#95;&#126;&#92;&#36;&#33;"
        );
        assert_eq!(inline("MQTT-3.1.0-2, sensor/1"), "MQTT-3.1.0-2, sensor/1");
        assert_eq!(preformatted("</pre>&lt;\n\u{202e}"), "&lt;/pre&gt;&amp;lt;\n\\u{202e}\n");
    }
}
