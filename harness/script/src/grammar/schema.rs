//! The JSON Schema of case files, for editors.

use serde_json::{Map, Value, json};

use super::case::CASE;
use super::patterns::FieldKind;
use super::shape::{Key, Keys, Shape};
use super::verbs::pattern_definition;
use crate::profile::PROFILE;

/// A name of `foreach`, wherever a value or a part of it can stand.
const PLACEHOLDER: &str = "<[a-z][a-z0-9_.]*>";

/// The keys that name a version; editors read `5.0` as a number and may show it as `5`.
const VERSION_KEYS: &str = "^(3\\.1\\.1|5(\\.0)?)$";

/// The JSON Schema (draft-07) of a case file, made from the tables that the reader uses.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Definitions { list: Map::new(), values: Vec::new(), expands: true };
    let case = definitions.shape(&CASE);
    let pattern = definitions.object(&pattern_definition(), false);
    definitions.list.insert("said_of_a_value".to_owned(), pattern);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Cases of mqttspec",
        "description": "The cases of one topic; docs/case-language.md explains the language.",
        "type": "array",
        "items": case,
        "definitions": definitions.list,
    })
}

/// The JSON Schema (draft-07) of a profile.
#[must_use]
pub fn profile_schema() -> Value {
    let mut definitions = Definitions { list: Map::new(), values: Vec::new(), expands: false };
    let profile = definitions.shape(&PROFILE);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Profile of a broker for mqttspec",
        "description": "How a broker is started, reached and stopped; docs/profiles.md explains profiles.",
        "allOf": [profile],
        "definitions": definitions.list,
    })
}

struct Definitions {
    list: Map<String, Value>,
    /// The values that can be chosen by version, each once; its definition is called by its number.
    values: Vec<Value>,
    /// Whether values can be chosen by version, and names of `foreach` stand for them.
    expands: bool,
}

impl Definitions {
    /// The schema of a shape, or of what stands for it before expansion: a name of `foreach`, or a choice
    /// by version.
    fn value(&mut self, shape: &Shape) -> Value {
        let plain = self.shape(shape);
        if !self.expands {
            return plain;
        }
        let number = self.values.iter().position(|known| *known == plain).unwrap_or(self.values.len());
        let name = format!("value_{number}");
        if number == self.values.len() {
            self.values.push(plain.clone());
            let choice = json!({
                "type": "object",
                "minProperties": 1,
                "additionalProperties": false,
                "patternProperties": { VERSION_KEYS: { "$ref": format!("#/definitions/{name}") } },
            });
            let any = json!({ "anyOf": [plain, choice, { "type": "string", "pattern": PLACEHOLDER }] });
            self.list.insert(name.clone(), any);
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    fn shape(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Anything => json!({}),
            Shape::Nothing => json!({ "type": "null" }),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Number(maximum) => json!({ "type": "integer", "minimum": 0, "maximum": maximum }),
            Shape::Text => json!({ "type": "string" }),
            Shape::Word => json!({ "type": "string", "pattern": "^[0-9A-Za-z_-]+$" }),
            Shape::OneOf(words) => json!({ "enum": words }),
            Shape::Statement => {
                json!({ "type": "string", "pattern": "^(MQTT-\\d+\\.\\d+(\\.\\d+)?-\\d+(/[a-z])?|S311-\\d+|S5-\\d+|E5-\\d+)$" })
            }
            Shape::Version => json!({ "enum": ["3.1.1", "5.0", 5] }),
            Shape::Duration => json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?(ms|s)$" }),
            Shape::HexDigits => json!({ "type": "string", "pattern": "^([0-9A-Fa-f]{2} ?)*$" }),
            Shape::List(item) => {
                let item = self.value(item);
                json!({ "type": "array", "items": item })
            }
            Shape::OneOrMore(item) => {
                let item = self.value(item);
                json!({ "anyOf": [item, { "type": "array", "items": item }] })
            }
            Shape::Map(name, keys) => self.reference(name, keys, false),
            Shape::Tagged(name, keys) => self.reference(name, keys, true),
            Shape::MapOf(value) => {
                let value = self.value(value);
                json!({ "type": "object", "additionalProperties": value })
            }
            Shape::Pattern(kind) => pattern(*kind),
            Shape::Union(shapes) => {
                let shapes: Vec<Value> = shapes.iter().map(|shape| self.shape(shape)).collect();
                json!({ "anyOf": shapes })
            }
        }
    }

    /// A reference to a definition, which is made when it is first met.
    fn reference(&mut self, name: &str, keys: &Keys, exactly_one: bool) -> Value {
        if !self.list.contains_key(name) {
            // Entered first, so that a shape that holds itself ends.
            self.list.insert(name.to_owned(), Value::Null);
            let object = self.object(&keys(), exactly_one);
            self.list.insert(name.to_owned(), object);
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    fn object(&mut self, keys: &[Key], exactly_one: bool) -> Value {
        let mut properties = Map::new();
        for key in keys {
            // In draft-07 nothing counts beside a reference, so the description has to enclose it.
            let value = json!({ "description": key.about, "allOf": [self.by_version(key)] });
            properties.insert(key.name.to_owned(), value);
        }
        let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        let mut object = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        if let (Value::Object(object), true) = (&mut object, self.expands) {
            object.insert("patternProperties".to_owned(), json!({ PLACEHOLDER: {} }));
        }
        if let Value::Object(object) = &mut object {
            if !required.is_empty() {
                object.insert("required".to_owned(), json!(required));
            }
            if exactly_one {
                object.insert("minProperties".to_owned(), json!(1));
                object.insert("maxProperties".to_owned(), json!(1));
            }
        }
        object
    }

    /// `covers` is always given by version.
    fn by_version(&mut self, key: &Key) -> Value {
        if key.name != "covers" {
            return self.value(&key.shape);
        }
        let list = self.shape(&key.shape);
        json!({
            "type": "object",
            "minProperties": 1,
            "additionalProperties": false,
            "patternProperties": { VERSION_KEYS: list },
        })
    }
}

/// What can be said of a value: the value, a word or a list of values, or the long form.
fn pattern(kind: FieldKind) -> Value {
    let scalar = match kind {
        FieldKind::Flag => json!({ "type": "boolean" }),
        FieldKind::Number(maximum) => json!({ "type": "integer", "minimum": 0, "maximum": maximum }),
        FieldKind::Text | FieldKind::Binary => json!({ "type": "string" }),
        FieldKind::Code => json!({ "type": ["integer", "string"] }),
        FieldKind::Codes | FieldKind::Numbers | FieldKind::Pairs => json!({ "type": "array" }),
    };
    json!({
        "anyOf": [
            scalar,
            { "enum": ["any", "absent", "present", "last"] },
            { "type": "string", "pattern": "^\\$\\(.+\\)$" },
            { "type": "array" },
            { "$ref": "#/definitions/said_of_a_value" },
        ]
    })
}
