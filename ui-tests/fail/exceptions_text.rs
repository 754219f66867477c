use tallymark::count_exceptions;

#[count_exceptions("Err")]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
