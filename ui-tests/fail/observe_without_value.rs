use tallymark::histogram;

#[histogram(observe)]
fn serve() -> String {
    String::new()
}

fn main() {}
