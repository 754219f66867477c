use tallymark::count_exceptions;

#[count_exceptions(failure)]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
