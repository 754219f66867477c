use tallymark::count_exceptions;

#[count_exceptions(None)]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
