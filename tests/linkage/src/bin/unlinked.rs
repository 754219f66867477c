//! Depends on `linkage-silent` and never names it.

fn main() {
    tallymark_linkage::show();
}
