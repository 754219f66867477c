//! Keeps `linkage-silent` by `link!`.

tallymark::link!(linkage_silent);

fn main() {
    tallymark_linkage::show();
}
