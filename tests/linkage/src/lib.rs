//! What both programs do.

use tallymark::{Registry, Value};

/// Shows the families of the crate `linkage_…`, a line each with the sum of its counts.
pub fn show() {
    print!("{}", linkage_generic::shown(&()).replace("()", ""));
    print!("{}", linkage_generic::shown(&"").replace("\"\"", ""));
    for family in Registry::global().gather().iter().filter(|family| family.name().starts_with("linkage_")) {
        let counts = family.series().iter().map(|series| match series.value() {
            Value::Number(number) => number.as_f64(),
            Value::Histogram(histogram) => tallymark::Number::from(histogram.count()).as_f64(),
            _ => f64::NAN,
        });
        println!("{} {}", family.name(), counts.sum::<f64>());
    }
    println!("collisions {:?}", Registry::global().check().map_err(|collisions| collisions.len()));
    match Registry::global().expect_crates(["linkage-silent", "linkage_generic"]) {
        Ok(()) => println!("all there"),
        Err(missing) => println!("{missing}"),
    }
}
