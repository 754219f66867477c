use tallymark::count_exceptions;

#[count_exceptions(|page: &String| page.is_empty())]
fn serve() -> String {
    String::new()
}

fn main() {}
