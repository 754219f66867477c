//! Functions that are collectors of the global registry.

#![allow(clippy::float_cmp, reason = "what is given is what is shown")]

use std::panic::panic_any;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use tallymark::{Collected, Counter, MetricKind, Registry, collector, counter};
use tallymark_tests::{ON_PURPOSE, names, quiet_panics, value};

static DISKS: AtomicU32 = AtomicU32::new(1);

/// The disks that there are.
#[collector]
fn disks(out: &mut Collected) {
    for disk in 0..DISKS.load(Relaxed) {
        out.gauge("collectors_disk_bytes", "Free space.").series([("disk", format!("d{disk}"))], 512);
    }
    if DISKS.load(Relaxed) == 0 {
        return;
    }
    out.counter("collectors_disks_total", "Disks.").value(DISKS.load(Relaxed));
}

#[test]
fn what_a_function_gives_is_on_the_page() {
    let free = |disk| value("collectors_disk_bytes", &[("disk", disk)]);
    assert_eq!((free("d0"), free("d1")), (Some(512.0), None));
    DISKS.store(2, Relaxed);
    assert_eq!((free("d0"), free("d1")), (Some(512.0), Some(512.0)));
    assert_eq!(value("collectors_disks_total", &[]), Some(2.0));
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == "collectors_disk_bytes").unwrap();
    assert_eq!((family.kind(), family.help()), (MetricKind::Gauge, "Free space."));
    // It is still a function.
    let mut out = Collected::default();
    disks(&mut out);
    assert!(format!("{out:?}").contains("collectors_disks_total"));
    DISKS.store(0, Relaxed);
    assert_eq!(names("collectors_disk"), [] as [&str; 0]);
}

struct Shop;

impl Shop {
    #[collector]
    fn associated(out: &mut Collected) {
        #![allow(non_snake_case)]
        let VALUE = 7;
        out.gauge("collectors_associated", "").value(VALUE);
    }
}

mod renamed {
    pub(crate) use ::tallymark as tm;

    #[tm::collector(crate = crate::renamed::tm)]
    fn renamed(out: &mut crate::Collected) {
        out.gauge("collectors_renamed", "").value(true);
    }
}

#[test]
fn functions_of_types_and_by_other_paths_are_called() {
    assert_eq!(value("collectors_associated", &[]), Some(7.0));
    assert_eq!(value("collectors_renamed", &[]), Some(1.0));
    Shop::associated(&mut Collected::default());
}

static PANICS: AtomicBool = AtomicBool::new(false);

#[collector]
fn panicking(out: &mut Collected) {
    out.gauge("collectors_panicking", "").value(1);
    if PANICS.load(Relaxed) {
        panic_any(ON_PURPOSE);
    }
}

#[counter(name = "collectors_taken_total")]
static TAKEN: Counter;

#[collector]
fn colliding(out: &mut Collected) {
    out.gauge("collectors_taken_total", "Taken.").value(99);
    out.gauge("collectors_not_taken", "").value(1);
}

#[test]
fn a_panic_and_a_collision_harm_nobody_else() {
    quiet_panics();
    PANICS.store(true, Relaxed);
    TAKEN.inc();
    assert_eq!((value("collectors_panicking", &[]), value("collectors_associated", &[])), (None, Some(7.0)));
    assert_eq!((value("collectors_taken_total", &[]), value("collectors_not_taken", &[])), (Some(1.0), Some(1.0)));
    PANICS.store(false, Relaxed);
    assert_eq!(value("collectors_panicking", &[]), Some(1.0));
}
