use tallymark::histogram;

#[histogram(time = busy, observe = |n: &u32| *n)]
async fn serve() -> u32 {
    3
}

fn main() {}
