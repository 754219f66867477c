use tallymark::count_exceptions;

#[count_exceptions(None)]
async fn serve() {}

fn main() {}
