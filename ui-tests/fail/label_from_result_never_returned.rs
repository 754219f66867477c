use tallymark::counter;

#[counter(labels(ok: bool = |_: &()| true))]
fn serve() -> ! {
    loop {}
}

fn main() {}
