use tallymark::{LabelValue, counter};

#[derive(Clone, Copy, LabelValue)]
enum Cache {
    #[label("")]
    None,
    Hit,
}

#[counter(labels(cache))]
fn serve(cache: Option<Cache>) {}

fn main() {}
