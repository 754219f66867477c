//! Names of any characters, at which readers differ.

use serde_json::{Value, json};
use tallymark::{Gauge, Registry};

use crate::Page;
use crate::checks::Result;
use crate::values::Values;

/// Of metrics and of their labels. None is plain: those Python's client escapes by `dots` too, which Prometheus' code
/// leaves as they are.
const NAMES: [&str; 13] = [
    "http.requests",
    "größe",
    "crab \u{1f980}",
    "9lives",
    "back\\slash",
    "back\\",
    "\\no line feed",
    "line\nfeed",
    "\"quoted\"",
    "a=\"b\"",
    "a,b",
    "curly {a=\"b\"} 1",
    "a # TYPE b gauge",
];

/// A gauge of each name, with a label of each.
pub(crate) fn page() -> Result<Page> {
    let registry = Registry::new();
    for (at, name) in NAMES.into_iter().enumerate() {
        let gauge = Gauge::builder(name, "Help.").allow_utf8().values::<i64>().const_label(label(at), name).build()?;
        gauge.set(at.try_into()?);
        registry.register(&gauge)?;
    }
    Page::serve("names", Values { registry, samples: Vec::new(), families: Vec::new() })
}

/// Of another name than that of the gauge. It begins with a letter: `dots` makes of any other character two underscores,
/// and Python reads no label that begins with them.
fn label(at: usize) -> String {
    format!("of {}", NAMES[NAMES.len() - 1 - at])
}

/// What is there, for another program.
pub(crate) fn to_json() -> Value {
    let gauge = |(at, name)| json!({ "name": name, "label": label(at), "text": name, "value": at });
    NAMES.into_iter().enumerate().map(gauge).collect()
}
