//! A program of three crates whose metrics collide.

use std::net::TcpListener;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tallymark-collisions");

#[test]
fn every_collision_is_in_one_error_with_both_sites() {
    let output = Command::new(PROGRAM).output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap().replace('\\', "/");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let at = |line: &str| {
        lines.iter().position(|there| there.ends_with(line)).unwrap_or_else(|| panic!("no {line} in\n{text}"))
    };
    assert!(lines.iter().any(|line| line.contains("4 collisions of metrics")), "{text}");
    let twice = at("the counter `shop_orders_total` is defined twice");
    assert_eq!(lines[twice + 1], "tests/collisions/cart/src/lib.rs:6:1 (collisions_cart 2.0.1)");
    assert_eq!(lines[twice + 2], "tests/collisions/orders/src/lib.rs:6:1 (collisions_orders 1.2.0)");
    let kinds = at("`shop_waiting_total` is a counter and a gauge");
    assert_eq!(lines[kinds + 1], "tests/collisions/orders/src/lib.rs:14:1 (collisions_orders 1.2.0)");
    assert_eq!(lines[kinds + 2], "tests/collisions/src/main.rs:10:1 (tallymark_collisions 0.1.0)");
    let samples = at(
        "the gauge `shop_order_seconds_count` and the histogram `shop_order_seconds` both use the name `shop_order_seconds_count`",
    );
    assert_eq!(lines[samples + 1], "tests/collisions/cart/src/lib.rs:10:1 (collisions_cart 2.0.1)");
    assert_eq!(lines[samples + 2], "tests/collisions/orders/src/lib.rs:10:1 (collisions_orders 1.2.0)");
    let read = at(
        "the counter `shop.returns.total` and the gauge `shop_returns` both use the name `shop_returns` for a scraper that doesn't ask for UTF-8, which reads `_` for all that isn't plain",
    );
    assert_eq!(lines[read + 1], "tests/collisions/cart/src/lib.rs:14:1 (collisions_cart 2.0.1)");
    assert_eq!(lines[read + 2], "tests/collisions/orders/src/lib.rs:18:1 (collisions_orders 1.2.0)");
}

#[test]
fn collisions_are_reported_before_the_port_is_tried() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = Command::new(PROGRAM).arg(taken.local_addr().unwrap().to_string()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("4 collisions of metrics"), "{text}");
}

#[test]
fn a_page_that_nobody_checked_shows_what_is_sound_and_counts_the_rest() {
    let output = Command::new(PROGRAM).arg("page").output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    let types: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("# TYPE shop_")).collect();
    assert_eq!(
        types,
        ["returns_total counter", "order_seconds_count gauge", "orders_total counter", "waiting_total counter"]
    );
    assert!(page.contains("\nshop_orders_total 0\n"), "the earlier family is that of collisions_cart: {page}");
    assert!(page.contains("\ntallymark_collisions 4\n"), "{page}");
}
