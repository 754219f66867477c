use tallymark::measure;

#[measure]
mod shop {}

fn main() {}
