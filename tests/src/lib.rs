//! What the tests share: reading values out of the global registry.

use tallymark::{Number, Registry, Value};

/// The value of a counter or gauge in the global registry, or the count of a histogram; none where there is no such series.
#[must_use]
pub fn value(name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == name)?;
    Some(match family.find(labels)?.value() {
        Value::Number(number) => number.as_f64(),
        Value::Histogram(histogram) => Number::from(histogram.count()).as_f64(),
        other => panic!("{name} has {other:?}"),
    })
}

/// The sum of all series of a counter or gauge in the global registry; 0 where there is no such family.
#[must_use]
pub fn family_total(name: &str) -> f64 {
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == name);
    family.map_or(0.0, |family| {
        let numbers = family.series().iter().map(|series| match series.value() {
            Value::Number(number) => number.as_f64(),
            other => panic!("{name} has {other:?}"),
        });
        numbers.sum()
    })
}

/// The names of the families of the global registry that begin so.
#[must_use]
pub fn names(prefix: &str) -> Vec<String> {
    let families = Registry::global().gather();
    families.iter().map(|family| family.name().to_owned()).filter(|name| name.starts_with(prefix)).collect()
}
