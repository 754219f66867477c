use tallymark::histogram;

#[histogram(outcome, observe = |page: &String| page.len())]
fn serve() -> String {
    String::new()
}

fn main() {}
