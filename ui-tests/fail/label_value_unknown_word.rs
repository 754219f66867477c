use tallymark::LabelValue;

#[derive(LabelValue)]
#[label(displai)]
struct UserId(u64);

fn main() {}
