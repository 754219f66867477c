use tallymark::count_exceptions;

#[count_exceptions(Err)]
fn serve() -> ! {
    loop {}
}

fn main() {}
