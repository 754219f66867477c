use tallymark::count_exceptions;

#[count_exceptions(Err, outcome)]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
