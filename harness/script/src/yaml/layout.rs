//! Where everything stands in a file: a scanner of the layout that case files keep to.
//!
//! It knows block and flow collections, quoted and plain scalars, and comments, and where they are allowed
//! literal strings; not anchors, tags, folded strings, explicit keys or several documents, which the suite does
//! without. It judges no values.

use crate::plan::Place;

/// The shape of a value, with places.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    Scalar(Place),
    List(Place, Vec<Self>),
    Map(Place, Vec<(KeyLayout, Self)>),
}

/// A key with its place, as written but for quotes.
#[derive(Clone, Debug)]
pub(super) struct KeyLayout {
    pub(super) place: Place,
    pub(super) text: String,
}

/// A character that the scanner has no use for.
#[derive(Debug)]
pub(super) struct Unexpected {
    pub(super) place: Place,
    pub(super) expected: &'static str,
}

impl Layout {
    pub(super) const fn place(&self) -> Place {
        match self {
            Self::Scalar(place) | Self::List(place, _) | Self::Map(place, _) => *place,
        }
    }
}

/// Whether a file may hold strings of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strings {
    /// Every string stands on one line.
    OneLine,
    /// A key may have a literal string (`|`) for its value.
    Literal,
}

/// Scans a file.
pub(super) fn scan(text: &str, strings: Strings) -> Result<Layout, Unexpected> {
    let mut scanner = Scanner { chars: text.chars().collect(), at: 0, line: 1, column: 1, strings };
    scanner.skip_blank();
    let layout = scanner.block(0)?;
    scanner.skip_blank();
    match scanner.peek() {
        None => Ok(layout),
        Some(_) => Err(scanner.unexpected("the end of the file, or an item or key in line with the first")),
    }
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: u32,
    column: u32,
    strings: Strings,
}

#[derive(Clone, Copy)]
struct Mark {
    line: u32,
    column: u32,
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_next(&self) -> Option<char> {
        self.chars.get(self.at + 1).copied()
    }

    fn bump(&mut self) {
        if self.peek() == Some('\n') {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        self.at += 1;
    }

    const fn mark(&self) -> Mark {
        Mark { line: self.line, column: self.column }
    }

    /// From a mark to here; on the mark's line only, as far as it is known to reach.
    fn since(&self, mark: Mark) -> Place {
        let length = if self.line == mark.line { self.column - mark.column } else { 1 };
        Place { line: mark.line, column: mark.column, length }
    }

    fn unexpected(&self, expected: &'static str) -> Unexpected {
        Unexpected { place: Place { line: self.line, column: self.column, length: 1 }, expected }
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.bump();
        }
        if self.peek() == Some('#') {
            while self.peek().is_some_and(|c| c != '\n') {
                self.bump();
            }
        }
    }

    /// Skips spaces, comments and line ends.
    fn skip_blank(&mut self) {
        loop {
            self.skip_spaces();
            match self.peek() {
                Some('\n' | '\r') => self.bump(),
                _ => return,
            }
        }
    }

    fn at_line_end(&self) -> bool {
        matches!(self.peek(), None | Some('\n' | '\r'))
    }

    fn at_dash(&self) -> bool {
        self.peek() == Some('-') && matches!(self.peek_next(), None | Some(' ' | '\n' | '\r'))
    }

    /// A value in block context that begins here, at or right of column `least`.
    fn block(&mut self, least: u32) -> Result<Layout, Unexpected> {
        let mark = self.mark();
        if self.peek().is_none() || self.column < least {
            return Ok(Layout::Scalar(self.since(mark)));
        }
        if self.at_dash() {
            return self.block_list();
        }
        if matches!(self.peek(), Some('[' | '{')) {
            return self.flow();
        }
        let text = self.scalar(false)?;
        if self.at_colon() {
            let key = KeyLayout { place: self.since(mark), text };
            return self.block_map(mark, key);
        }
        Ok(Layout::Scalar(self.since(mark)))
    }

    fn at_colon(&self) -> bool {
        self.peek() == Some(':') && matches!(self.peek_next(), None | Some(' ' | '\n' | '\r'))
    }

    fn block_list(&mut self) -> Result<Layout, Unexpected> {
        let column = self.column;
        let mut items: Vec<Layout> = Vec::new();
        let mark = self.mark();
        while self.at_dash() && self.column == column {
            self.bump();
            self.skip_spaces();
            if self.at_line_end() {
                self.skip_blank();
            }
            items.push(self.block(column + 1)?);
            self.skip_blank();
        }
        let place = items.first().map_or_else(|| self.since(mark), Layout::place);
        Ok(Layout::List(place, items))
    }

    fn block_map(&mut self, mark: Mark, first: KeyLayout) -> Result<Layout, Unexpected> {
        let mut entries: Vec<(KeyLayout, Layout)> = Vec::new();
        let mut key = first;
        loop {
            let value = self.block_value(mark.column)?;
            entries.push((key, value));
            self.skip_blank();
            if self.column != mark.column || self.peek().is_none() || self.at_dash() {
                break;
            }
            let start = self.mark();
            let text = self.scalar(false)?;
            if !self.at_colon() {
                return Err(self.unexpected("a colon and a space after the key"));
            }
            key = KeyLayout { place: self.since(start), text };
        }
        let place = entries.first().map_or_else(
            || self.since(mark),
            |(key, value)| {
                let end = value.place();
                if end.line == key.place.line && end.column > key.place.column {
                    Place { length: end.column + end.length - key.place.column, ..key.place }
                } else {
                    key.place
                }
            },
        );
        Ok(Layout::Map(place, entries))
    }

    /// The value after a key at `column`, from the colon on.
    fn block_value(&mut self, column: u32) -> Result<Layout, Unexpected> {
        self.bump();
        let after_colon = self.mark();
        self.skip_spaces();
        if !self.at_line_end() {
            // On the key's own line only a scalar or a flow collection can stand.
            if matches!(self.peek(), Some('[' | '{')) {
                return self.flow();
            }
            if self.peek() == Some('|') && self.strings == Strings::Literal {
                return Ok(self.literal(column));
            }
            let mark = self.mark();
            self.scalar(false)?;
            return Ok(Layout::Scalar(self.since(mark)));
        }
        let nothing = Layout::Scalar(Place { line: after_colon.line, column: after_colon.column, length: 0 });
        self.skip_blank();
        if self.column > column && self.peek().is_some() {
            self.block(column + 1)
        } else if self.column == column && self.at_dash() {
            self.block_list()
        } else {
            Ok(nothing)
        }
    }

    /// A literal string below a key at `column`. Its place is its first line.
    fn literal(&mut self, column: u32) -> Layout {
        let mut place = None;
        self.skip_line();
        while self.peek().is_some() {
            let line = self.chars.get(self.at..).unwrap_or_default().split(|c| *c == '\n').next();
            let line = line.unwrap_or_default();
            let indent = line.iter().take_while(|c| **c == ' ').count();
            let is_blank = line.iter().all(|c| matches!(c, ' ' | '\r'));
            let start = u32::try_from(indent).unwrap_or(u32::MAX).saturating_add(1);
            if !is_blank {
                if start <= column {
                    break;
                }
                let length = u32::try_from(line.len() - indent).unwrap_or(u32::MAX);
                place.get_or_insert(Place { line: self.line, column: start, length });
            }
            self.skip_line();
        }
        let nothing = Place { line: self.line, column: 1, length: 0 };
        Layout::Scalar(place.unwrap_or(nothing))
    }

    /// Skips the rest of a line and its end.
    fn skip_line(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.bump();
        }
        if self.peek().is_some() {
            self.bump();
        }
    }

    fn flow(&mut self) -> Result<Layout, Unexpected> {
        match self.peek() {
            Some('[') => self.flow_list(),
            Some('{') => self.flow_map(),
            _ => {
                let mark = self.mark();
                self.scalar(true)?;
                Ok(Layout::Scalar(self.since(mark)))
            }
        }
    }

    fn flow_list(&mut self) -> Result<Layout, Unexpected> {
        let mark = self.mark();
        self.bump();
        let mut items = Vec::new();
        loop {
            self.skip_blank();
            if self.peek() == Some(']') {
                break;
            }
            items.push(self.flow()?);
            self.flow_separator(']', "a comma or `]`")?;
        }
        let first_line = self.first_line_of_flow(mark);
        self.bump();
        Ok(Layout::List(first_line.unwrap_or_else(|| self.since(mark)), items))
    }

    fn flow_map(&mut self) -> Result<Layout, Unexpected> {
        let mark = self.mark();
        self.bump();
        let mut entries = Vec::new();
        loop {
            self.skip_blank();
            if self.peek() == Some('}') {
                break;
            }
            let start = self.mark();
            let text = self.scalar(true)?;
            let key = KeyLayout { place: self.since(start), text };
            let nothing = Layout::Scalar(Place { length: 0, column: self.column, line: self.line });
            self.skip_blank();
            let value = if self.peek() == Some(':') {
                self.bump();
                self.skip_blank();
                if matches!(self.peek(), Some(',' | '}')) { nothing } else { self.flow()? }
            } else {
                nothing
            };
            entries.push((key, value));
            self.flow_separator('}', "a comma or `}`")?;
        }
        let first_line = self.first_line_of_flow(mark);
        self.bump();
        Ok(Layout::Map(first_line.unwrap_or_else(|| self.since(mark)), entries))
    }

    /// For a flow collection that ends on a later line: the rest of its first line.
    fn first_line_of_flow(&self, mark: Mark) -> Option<Place> {
        (self.line != mark.line).then_some(Place { line: mark.line, column: mark.column, length: 1 })
    }

    fn flow_separator(&mut self, end: char, expected: &'static str) -> Result<(), Unexpected> {
        self.skip_blank();
        match self.peek() {
            Some(',') => {
                self.bump();
                Ok(())
            }
            Some(c) if c == end => Ok(()),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// A scalar; gives its text without quotes, escapes as they are.
    fn scalar(&mut self, in_flow: bool) -> Result<String, Unexpected> {
        match self.peek() {
            Some('"') => self.quoted('"'),
            Some('\'') => self.quoted('\''),
            Some('|' | '>' | '&' | '*' | '!' | '@' | '`' | '%') => Err(self
                .unexpected("a plain or quoted string; anchors, tags and folded strings are not used here")),
            _ => self.plain(in_flow),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, Unexpected> {
        let mut text = String::new();
        self.bump();
        loop {
            match self.peek() {
                None => return Err(self.unexpected("the closing quote")),
                Some(c) if c == quote => {
                    self.bump();
                    if quote == '\'' && self.peek() == Some('\'') {
                        text.push('\'');
                        self.bump();
                    } else {
                        return Ok(text);
                    }
                }
                Some('\\') if quote == '"' => {
                    text.push('\\');
                    self.bump();
                    if let Some(c) = self.peek() {
                        text.push(c);
                        self.bump();
                    }
                }
                Some(c) => {
                    text.push(c);
                    self.bump();
                }
            }
        }
    }

    fn plain(&mut self, in_flow: bool) -> Result<String, Unexpected> {
        let mut text = String::new();
        let mut end = (self.at, self.mark());
        while let Some(c) = self.peek() {
            let stops = match c {
                '\n' | '\r' => true,
                ':' => {
                    matches!(self.peek_next(), None | Some(' ' | '\n' | '\r'))
                        || in_flow && matches!(self.peek_next(), Some(',' | '[' | ']' | '{' | '}'))
                }
                '#' => text.ends_with(' '),
                ',' | '[' | ']' | '{' | '}' => in_flow,
                _ => false,
            };
            if stops {
                break;
            }
            text.push(c);
            self.bump();
            if c != ' ' {
                end = (self.at, self.mark());
            }
        }
        // Spaces at the end are no part of the scalar.
        self.at = end.0;
        self.line = end.1.line;
        self.column = end.1.column;
        let text = text.trim_end().to_owned();
        if text.is_empty() { Err(self.unexpected("a value")) } else { Ok(text) }
    }
}
