use tallymark::count_exceptions;

#[count_exceptions(Err, nmae = "failures_total")]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
