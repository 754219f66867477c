#[tallymark::info]
fn build() {}

fn main() {}
