//! Functions that give families at each scrape.

use std::fmt;

use crate::collector::{Collected, Collector};
use crate::descriptor::{Descriptor, Site};

/// A function that is a collector. What it will give, nobody knows before it is asked.
pub struct FunctionCollector {
    site: Site,
    collect: fn(&mut Collected),
}

impl FunctionCollector {
    #[must_use]
    pub const fn new(site: Site, collect: fn(&mut Collected)) -> Self {
        Self { site, collect }
    }

    /// Where it is marked.
    #[must_use]
    pub const fn site(&self) -> Site {
        self.site
    }
}

impl Collector for FunctionCollector {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        (self.collect)(out);
    }

    fn __site(&self) -> Option<Site> {
        Some(self.site)
    }
}

impl fmt::Debug for FunctionCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FunctionCollector({})", self.site)
    }
}
