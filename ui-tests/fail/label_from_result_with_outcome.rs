use tallymark::counter;

#[counter(outcome, labels(length: usize = |page: &String| page.len()))]
fn serve() -> String {
    String::new()
}

fn main() {}
