use tallymark::LabelValue;

#[derive(LabelValue)]
struct UserId(u64);

fn main() {}
