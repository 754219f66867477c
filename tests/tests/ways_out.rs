//! Every way out of a marked function.
use tallymark::{LabelValue, count_exceptions, counter, gauge, histogram};
use tallymark_tests::value;

#[derive(Clone, Copy, LabelValue)]
enum Size {
    Small,
    Large,
}

/// Orders placed.
#[counter]
#[histogram(buckets = [0.005, 0.05, 0.5, 5])]
#[gauge(track_inprogress)]
#[count_exceptions(Err)]
async fn place_order(cart: String) -> Result<usize, String> {
    if cart.is_empty() {
        return Err(cart);
    }
    tokio::task::yield_now().await;
    Ok(cart.len())
}

#[counter(outcome, labels(size, who))]
#[counter(name = "x_results_total", labels(size, ok: bool = |r: &Result<u32, String>| r.is_ok()))]
#[count_exceptions(name = "x_two_total", Ok(n) if *n == 2)]
#[count_exceptions(panic)]
fn sync(size: Size, mut who: String, (a, _): (u32, u32), _: String) -> Result<u32, String> {
    who.push('x');
    let n: u32 = who.trim_end_matches('x').parse().map_err(|_| who)?;
    assert!(n != 7);
    let _ = size;
    Ok(n + a)
}

#[tokio::test]
async fn all() {
    place_order("abc".into()).await.unwrap();
    place_order(String::new()).await.unwrap_err();
    assert_eq!(value("ways_out_place_order_calls_total", &[]), Some(2.0));
    assert_eq!(value("ways_out_place_order_exceptions_total", &[]), Some(1.0));
    assert_eq!(value("ways_out_place_order_duration_seconds", &[]), Some(2.0));
    assert_eq!(value("ways_out_place_order_inprogress", &[]), Some(0.0));
    sync(Size::Small, "2".into(), (0, 1), String::new()).unwrap();
    sync(Size::Large, "z".into(), (0, 1), String::new()).unwrap_err();
    std::panic::catch_unwind(|| sync(Size::Large, "7".into(), (0, 1), String::new())).unwrap_err();
    println!("{}", tallymark::exposition::text::encode(&tallymark::Registry::global().gather()));
}
