use tallymark::histogram;

#[histogram(observe = |page: &String, name: &str| page.len())]
fn serve(name: &str) -> String {
    String::new()
}

fn main() {}
