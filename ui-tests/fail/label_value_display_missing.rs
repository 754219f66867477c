use tallymark::LabelValue;

#[derive(LabelValue)]
#[label(display)]
struct UserId(u64);

fn main() {}
