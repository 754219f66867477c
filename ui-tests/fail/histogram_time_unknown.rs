use tallymark::histogram;

#[histogram(time = cpu)]
async fn serve() {}

fn main() {}
