use tallymark::counter;

#[counter(labels(größe))]
fn serve(größe: u8) {}

fn main() {}
