//! A label value needs no `Clone`.

use tallymark::{LabelValue, counter};

#[derive(LabelValue)]
enum Method {
    Get,
    Post,
}

#[counter(labels(method, ok: bool = |result: &Result<(), String>| result.is_ok()))]
fn serve(method: Method) -> Result<(), String> {
    Ok(())
}

fn main() {}
