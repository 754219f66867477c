use tallymark::histogram;

#[histogram(observe = 5)]
fn serve() -> String {
    String::new()
}

fn main() {}
