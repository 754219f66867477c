//! What goes wrong where collectors are registered.

use std::fmt;

use super::conflict::{Collision, Collisions};
use crate::descriptor::Site;
use crate::error::Error;

/// Why a collector was not registered.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterError {
    kind: Box<RegisterErrorKind>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RegisterErrorKind {
    Collisions(Collisions),
    Panicked { method: &'static str, site: Site, message: String },
    Fault { site: Site, fault: Error },
}

impl RegisterError {
    pub(super) fn of_collisions(all: Vec<Collision>) -> Self {
        Self { kind: Box::new(RegisterErrorKind::Collisions(Collisions { all })) }
    }

    /// A method of a collector panicked.
    pub(super) fn of_panic(method: &'static str, site: Site, message: String) -> Self {
        Self { kind: Box::new(RegisterErrorKind::Panicked { method, site, message }) }
    }

    /// A collector gives what breaks a rule.
    pub(super) fn of_fault(site: Site, fault: Error) -> Self {
        Self { kind: Box::new(RegisterErrorKind::Fault { site, fault }) }
    }

    /// What it collides with, if that is why.
    #[must_use]
    pub fn collisions(&self) -> Option<&Collisions> {
        match &*self.kind {
            RegisterErrorKind::Collisions(collisions) => Some(collisions),
            RegisterErrorKind::Panicked { .. } | RegisterErrorKind::Fault { .. } => None,
        }
    }
}

/// The text of `Display`: `main` and `unwrap` show this one.
impl fmt::Debug for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            RegisterErrorKind::Collisions(collisions) => write!(f, "not registered: {collisions}"),
            RegisterErrorKind::Panicked { method, site, message } => write!(
                f,
                "not registered: `{method}` of the collector that was to be registered at {site} panicked: {message}"
            ),
            RegisterErrorKind::Fault { site, fault } => write!(
                f,
                "not registered: the collector that was to be registered at {site} gives what breaks a rule: {fault}"
            ),
        }
    }
}

impl std::error::Error for RegisterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.kind {
            RegisterErrorKind::Collisions(collisions) => Some(collisions),
            RegisterErrorKind::Fault { fault, .. } => Some(fault),
            RegisterErrorKind::Panicked { .. } => None,
        }
    }
}

/// Crates of which no mark has been linked, from [`Registry::expect_crates`](super::Registry::expect_crates).
#[derive(Clone, PartialEq, Eq)]
pub struct MissingCrates {
    crates: Vec<String>,
}

impl MissingCrates {
    pub(super) fn of(crates: Vec<String>) -> Self {
        Self { crates }
    }

    /// Their names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.crates.iter().map(String::as_str)
    }
}

/// The text of `Display`: `main` and `unwrap` show this one.
impl fmt::Debug for MissingCrates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for MissingCrates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut crates = String::new();
        for name in &self.crates {
            crates.push_str(if crates.is_empty() { "" } else { ", " });
            crates.push_str(name);
        }
        write!(
            f,
            "no marked metric of these crates is in the program: {crates}; if they have marks, no code names the crates, so the \
             linker left them out: write `tallymark::link!({crates});`"
        )
    }
}

impl std::error::Error for MissingCrates {}
