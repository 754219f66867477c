use tallymark::histogram;

#[histogram(unit = "bytes", observe = |page: &String| page.trim())]
fn serve() -> String {
    String::new()
}

fn main() {}
