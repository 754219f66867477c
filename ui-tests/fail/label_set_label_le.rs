use tallymark::Labels;

#[derive(Labels)]
struct Limit {
    le: u32,
}

fn main() {}
