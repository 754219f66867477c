use tallymark::count_exceptions;

#[count_exceptions(panic, labels(length: usize = |page: &String| page.len()))]
fn serve() -> String {
    String::new()
}

fn main() {}
