use tallymark::histogram;

#[histogram(observe = |page: &String| page.len())]
fn serve() -> Vec<u8> {
    Vec::new()
}

fn main() {}
