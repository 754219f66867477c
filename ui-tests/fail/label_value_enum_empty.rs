use tallymark::LabelValue;

#[derive(LabelValue)]
enum Never {}

fn main() {}
