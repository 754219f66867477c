use tallymark::counter;

#[counter(labels(ok: bool = |result: &Result<(), String>, user: u32| result.is_ok()))]
fn serve(user: u32) -> Result<(), String> {
    Ok(())
}

fn main() {}
