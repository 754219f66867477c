use tallymark::gauge;

#[gauge(track_inprogress, outcome)]
fn serve() {}

fn main() {}
