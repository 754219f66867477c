use tallymark::count_exceptions;

#[count_exceptions(Err)]
#[count_exceptions(panic)]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
