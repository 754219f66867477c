use tallymark::counter;

#[counter(track_inprogress)]
fn serve() {}

fn main() {}
