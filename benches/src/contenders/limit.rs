//! The limit's families.

use super::{Buffer, Counters, Page};
use crate::limit;

impl Counters for limit::Family {
    const NAME: &'static str = "limit";

    fn new() -> Self {
        Self::new()
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.inc(tenant, path);
    }
}

impl Page for limit::Page {
    fn page(&self, buffer: &mut Buffer) {
        buffer.streamed = self.write(&mut buffer.bytes, |chunk| {
            std::hint::black_box(chunk);
        });
    }
}
