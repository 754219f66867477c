use tallymark::Labels;

#[derive(Labels)]
struct Http(&'static str, u16);

fn main() {}
