use tallymark::count_exceptions;

#[count_exceptions(Err(error).is_fatal())]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
