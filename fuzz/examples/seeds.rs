//! Writes the seeds that no editor can: pages in protobuf, of what the seeds of `OpenMetrics` and the text format say.
//!
//! `RUSTFLAGS="--cfg fuzzing" cargo run --example seeds`, in `fuzz/`.

use std::error::Error;
use std::fs;
use std::path::Path;

use tallymark::exposition::{self, Escaping, Format};
use tallymark::{MetricFamily, MetricKind, Value, fuzzing, parse};

fn main() -> Result<(), Box<dyn Error>> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus-seeds");
    let to = seeds.join("parse_protobuf");
    fs::create_dir_all(&to)?;
    let format = Format::PROTOBUF.with_escaping(Escaping::AllowUtf8);
    for (from, parse) in [("parse_openmetrics", openmetrics as Parse), ("parse_text", text)] {
        for seed in fs::read_dir(seeds.join(from))? {
            let seed = seed?;
            let Some(families) = parse(&fs::read(seed.path())?) else { continue };
            let page = exposition::encode(format, &families);
            if !page.is_empty() {
                let name = format!("{from}_{}", seed.file_name().to_string_lossy());
                fs::write(to.join(name.trim_start_matches("parse_")), page)?;
            }
        }
    }
    let page = exposition::encode(format, &[native()]);
    fs::write(to.join("native"), &page)?;
    fs::write(to.join("cut"), &page[..page.len() / 2])?;
    // Within the name, a field with number 0.
    fs::write(to.join("no_field"), [3, 0x0a, 1, b'a', 2, 0, 0])?;
    // A length of more than 64 bits, and one of more than there is.
    fs::write(to.join("long_length"), [0xff; 11])?;
    fs::write(to.join("much"), [0xff, 0xff, 0xff, 0x7f, 0x0a, 0xff, 0xff, 0xff, 0x7f, b'a'])?;
    Ok(())
}

type Parse = fn(&[u8]) -> Option<Vec<MetricFamily>>;

fn openmetrics(page: &[u8]) -> Option<Vec<MetricFamily>> {
    parse::openmetrics(page).ok()
}

fn text(page: &[u8]) -> Option<Vec<MetricFamily>> {
    parse::text(page).ok()
}

fn native() -> MetricFamily {
    let buckets = fuzzing::native(3, (1e-128, 2), vec![(-5, 1), (0, 7), (1, 3), (900, 1)], vec![(2, 4)]);
    let exemplar = fuzzing::exemplar(vec![("trace_id".to_owned(), "4bf92f".to_owned())], 1.5.into(), None);
    let alone = fuzzing::histogram(&[], vec![18], Some(3.25), Some(buckets.clone()));
    let beside = fuzzing::histogram(&[0.5, 1.0], vec![9, 7, 2], Some(3.25), Some(buckets));
    let labels = |text: &str| vec![("host".to_owned(), text.to_owned())];
    let series = |text, value: Value| fuzzing::series(labels(text), value, None, None, vec![exemplar.clone()]);
    fuzzing::family(MetricKind::Histogram, "wait", "Waiting.", None, vec![series("a", alone), series("b", beside)])
}
