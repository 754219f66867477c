//! Names of any characters, at which readers differ.

use serde_json::{Value, json};
use tallymark::exposition::{self, Escaping, Format};
use tallymark::{Gauge, Registry};

use crate::checks::Result;

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

/// A gauge of each name, with a label of another, and the pages that they make.
pub(crate) fn pages() -> Result<Value> {
    let (registry, mut gauges) = (Registry::new(), Vec::new());
    for (at, name) in NAMES.into_iter().enumerate() {
        let gauge = Gauge::builder(name, "Help.").allow_utf8().values::<i64>().const_label(label(at), name).build()?;
        gauge.set(at.try_into()?);
        registry.register(&gauge)?;
        gauges.push(json!({ "name": name, "label": label(at), "text": name, "value": at }));
    }
    let families = registry.gather();
    let mut pages = Vec::new();
    for (parser, format) in [("text", Format::TEXT_1_0_0), ("openmetrics", Format::OPENMETRICS_1_0_0)] {
        for escaping in [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values] {
            let page = String::from_utf8(exposition::encode(format.with_escaping(escaping), &families))?;
            pages.push(json!({ "format": parser, "escaping": escaping.as_str(), "page": page }));
        }
    }
    Ok(json!({ "gauges": gauges, "pages": pages }))
}

/// Of another name than that of the gauge. It begins with a letter: `dots` makes of any other character two underscores,
/// and Python reads no label that begins with them.
fn label(at: usize) -> String {
    format!("of {}", NAMES[NAMES.len() - 1 - at])
}
