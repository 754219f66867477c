#![deny(warnings)]

use tallymark::{count_exceptions, counter, gauge, histogram};

#[counter(name = "served_total", labels(user, length: usize = user.len(),), const_labels(region = "eu",),)]
#[counter(labels(),)]
#[histogram(buckets = [0.1, 1.0,],)]
#[gauge(track_inprogress,)]
#[count_exceptions(Err, panic,)]
fn serve(user: &str) -> Result<(), String> {
    let _ = user;
    Ok(())
}

#[histogram(buckets = linear(0.1, 0.1, 3,))]
fn load() {}

fn main() {
    serve("ada").unwrap();
    load();
}
