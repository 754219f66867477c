use tallymark::gauge;

#[gauge(set = |page: &String| page.trim())]
fn load() -> String {
    String::new()
}

fn main() {}
