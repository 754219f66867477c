use tallymark::Labels;

#[derive(Labels)]
struct Share {
    #[label("quantile")]
    share: u32,
}

fn main() {}
