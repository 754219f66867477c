use tallymark::gauge;

#[gauge(track_inprogress, exemplar)]
fn serve() {}

fn main() {}
