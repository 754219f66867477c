use tallymark::count_exceptions;

#[count_exceptions(err)]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
