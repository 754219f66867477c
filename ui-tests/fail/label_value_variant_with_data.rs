use tallymark::LabelValue;

#[derive(LabelValue)]
enum Status {
    Ok,
    Other(u16),
}

fn main() {}
