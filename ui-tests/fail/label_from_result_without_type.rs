use tallymark::counter;

#[counter(labels(ok = |result: &Result<(), String>| result.is_ok()))]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
