use tallymark::gauge;

#[gauge(track_inprogress, labels(ok: bool = |result: &Result<(), String>| result.is_ok()))]
fn serve() -> Result<(), String> {
    Ok(())
}

fn main() {}
