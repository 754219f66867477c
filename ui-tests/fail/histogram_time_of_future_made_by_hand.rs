use tallymark::histogram;

#[histogram(time = idle)]
fn serve() -> impl Future<Output = ()> {
    println!("it does more than make a future");
    async {}
}

fn main() {}
