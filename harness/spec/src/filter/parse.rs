//! From a text to an expression.

use mqttspec_codec::{StatementId, Version};

use super::leaf::{Predicate, is_section};
use super::{Expression, FilterError, Leaf, LeafKind, Span};
use crate::{Level, Standing, nearest};

/// How deep parentheses and `not` may be nested; people need a few.
const DEPTH: usize = 100;

pub(super) fn expression(text: &str) -> Result<Expression, FilterError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let root = parser.alternatives()?;
    match parser.peek() {
        Token::End => Ok(root),
        Token::Close => Err(parser.wrong(parser.token_span(), "this parenthesis closes nothing", "too many")),
        _ => Err(parser.no_operator()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Word(&'a str),
    Other,
    End,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn alternatives(&mut self) -> Result<Expression, FilterError> {
        let mut left = self.both()?;
        while self.takes("or") {
            left = Expression::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Expression, FilterError> {
        let mut left = self.single()?;
        while self.takes("and") {
            left = Expression::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Expression, FilterError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.wrong(self.token_span(), "this is nested too deeply", "here"));
        }
        let inner = self.unit();
        self.depth -= 1;
        inner
    }

    fn unit(&mut self) -> Result<Expression, FilterError> {
        let span = self.token_span();
        match self.peek() {
            Token::Open => {
                self.at = span.end;
                let inner = self.alternatives()?;
                match self.peek() {
                    Token::Close => {
                        self.at = self.token_span().end;
                        Ok(inner)
                    }
                    Token::End => Err(self.wrong(span, "this parenthesis is never closed", "opened here")),
                    _ => Err(self.no_operator()),
                }
            }
            Token::Word("not") => {
                self.at = span.end;
                Ok(Expression::Not(Box::new(self.single()?)))
            }
            Token::Word("all") if self.text.get(span.end..).is_some_and(|rest| rest.starts_with("()")) => {
                self.at = span.end + 2;
                Ok(Expression::All)
            }
            Token::Word(word @ ("and" | "or")) => {
                Err(self.wrong(span, &format!("`{word}` has nothing on its left"), "expected a predicate"))
            }
            Token::Word(_) => self.predicate(span),
            Token::Other => {
                let sign = self.text.get(span.clone()).unwrap_or_default();
                let advice = symbol(sign).map(|word| format!("did you mean `{word}`?"));
                Err(FilterError {
                    advice,
                    ..self.wrong(
                        span.clone(),
                        &format!("`{sign}` means nothing here"),
                        "expected a predicate",
                    )
                })
            }
            Token::Close | Token::End => {
                let advice = Some(format!("predicates are {}", forms()));
                Err(FilterError {
                    advice,
                    ..self.wrong(span, "something is missing", "expected a predicate")
                })
            }
        }
    }

    /// `name(value)`. The value is all up to the parenthesis that closes it.
    fn predicate(&mut self, span: Span) -> Result<Expression, FilterError> {
        let name = self.text.get(span.clone()).unwrap_or_default();
        let rest = self.text.get(span.end..).unwrap_or_default();
        let kind = LeafKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        let Some(inner) = rest.trim_start().strip_prefix('(') else {
            return Err(self.bare(name, kind, span));
        };
        let Some(kind) = kind else {
            let known = LeafKind::ALL.map(LeafKind::as_str);
            let advice = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("predicates are {}", forms()),
            };
            let wrong = self.wrong(span, &format!("there is no predicate `{name}`"), "not known");
            return Err(FilterError { advice: Some(advice), ..wrong });
        };
        let start = self.text.len() - inner.len();
        let Some(length) = inner.find(')') else {
            return Err(self.wrong(start - 1..start, "this parenthesis is never closed", "opened here"));
        };
        let whole = span.start..start + length + 1;
        let raw = inner.get(..length).unwrap_or_default();
        let value = raw.trim();
        let from = start + (raw.len() - raw.trim_start().len());
        let predicate = self.value(kind, value, from..from + value.len())?;
        self.at = whole.end;
        Ok(Expression::Leaf(Leaf::new(predicate, whole)))
    }

    fn value(&self, kind: LeafKind, value: &str, span: Span) -> Result<Predicate, FilterError> {
        let wrong = |label: &str, advice: Option<String>| {
            let what = if value.is_empty() {
                format!("`{}` says nothing to compare with", kind.as_str())
            } else {
                format!("`{value}` is no {}", kind.as_str())
            };
            FilterError { advice, ..self.wrong(span.clone(), &what, label) }
        };
        let one_of = |known: &[&str]| {
            let advice = nearest(value, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            wrong(&format!("expected {}", known.join(", ")), advice)
        };
        match kind {
            _ if value.is_empty() => Err(wrong("expected a value", Some(format!("such as {}", form(kind))))),
            LeafKind::Id => Ok(Predicate::Id(value.to_owned())),
            LeafKind::Tag => Ok(Predicate::Tag(value.to_owned())),
            LeafKind::Section if is_section(value) => Ok(Predicate::Section(value.to_owned())),
            LeafKind::Section => Err(wrong("expected a number such as 3.1.2", None)),
            LeafKind::Statement => match value.parse::<StatementId>() {
                Ok(id) => Ok(Predicate::Statement(id)),
                Err(_) => {
                    let full = format!("MQTT-{value}");
                    let advice = full.parse::<StatementId>().ok().map(|id| format!("did you mean `{id}`?"));
                    Err(wrong("expected an id such as MQTT-3.1.2-22", advice))
                }
            },
            LeafKind::Version => match value.parse::<Version>() {
                Ok(version) => Ok(Predicate::Version(version)),
                Err(_) => Err(one_of(&Version::ALL.map(Version::as_str))),
            },
            LeafKind::Level => match value {
                "must" => Ok(Predicate::Level(Level::Must)),
                "should" => Ok(Predicate::Level(Level::Should)),
                "may" => Ok(Predicate::Level(Level::May)),
                _ => Err(one_of(&["must", "should", "may"])),
            },
            LeafKind::Verdict => match value.parse::<Standing>() {
                Ok(standing) => Ok(Predicate::Verdict(standing)),
                Err(_) => Err(one_of(&Standing::NAMES)),
            },
        }
    }

    /// A word without a value.
    fn bare(&self, name: &str, kind: Option<LeafKind>, span: Span) -> FilterError {
        // What reads like an id goes on to the next blank.
        let rest = self.text.get(span.start..).unwrap_or_default();
        let whole = rest.split([' ', '(', ')']).next().unwrap_or(name);
        let span = span.start..span.start + whole.len();
        let advice = match kind {
            Some(kind) => format!("such as {}", form(kind)),
            None => {
                let leaf = Leaf::of_word(whole);
                format!("did you mean `{}({})`?", leaf.kind().as_str(), leaf.value())
            }
        };
        let wrong =
            self.wrong(span, &format!("`{whole}` is no predicate"), "expected a form like name(value)");
        FilterError { advice: Some(advice), ..wrong }
    }

    fn no_operator(&self) -> FilterError {
        let span = self.token_span();
        let sign = self.text.get(span.clone()).unwrap_or_default();
        let advice = symbol(sign).map(|word| format!("did you mean `{word}`?"));
        FilterError {
            advice,
            ..self.wrong(span, "two predicates need a word between them", "expected `and` or `or`")
        }
    }

    fn wrong(&self, span: Span, message: &str, label: &str) -> FilterError {
        FilterError {
            text: self.text.to_owned(),
            span,
            message: message.to_owned(),
            label: label.to_owned(),
            advice: None,
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = self.peek() == Token::Word(word);
        if takes {
            self.at = self.token_span().end;
        }
        takes
    }

    fn peek(&self) -> Token<'a> {
        let span = self.token_span();
        let token = self.text.get(span).unwrap_or_default();
        match token {
            "" => Token::End,
            "(" => Token::Open,
            ")" => Token::Close,
            word if word.starts_with(is_of_word) => Token::Word(word),
            _ => Token::Other,
        }
    }

    /// Where the next token stands; at the end of the text, the empty range there.
    fn token_span(&self) -> Span {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        let start = self.text.len() - trimmed.len();
        let length = match trimmed.chars().next() {
            None => 0,
            Some(first) if is_of_word(first) => trimmed.find(|one| !is_of_word(one)).unwrap_or(trimmed.len()),
            Some(first @ ('&' | '|')) if trimmed.chars().nth(1) == Some(first) => 2,
            Some(first) => first.len_utf8(),
        };
        start..start + length
    }
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '*' | '/' | ':')
}

/// The word for a sign that other languages use.
fn symbol(sign: &str) -> Option<&'static str> {
    match sign {
        "&" | "&&" => Some("and"),
        "|" | "||" | "+" | "," => Some("or"),
        "!" => Some("not"),
        _ => None,
    }
}

fn form(kind: LeafKind) -> &'static str {
    match kind {
        LeafKind::Id => "id(connect/*)",
        LeafKind::Statement => "statement(MQTT-3.1.2-22)",
        LeafKind::Section => "section(3.1)",
        LeafKind::Version => "version(5.0)",
        LeafKind::Level => "level(must)",
        LeafKind::Tag => "tag(slow)",
        LeafKind::Verdict => "verdict(fail)",
    }
}

fn forms() -> String {
    LeafKind::ALL.map(form).join(", ")
}
