//! Why nothing is served.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::registry::Collisions;

/// Why a registry is not served.
///
/// ```
/// let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let addr = taken.local_addr()?;
/// let error = tallymark::http::start(addr).unwrap_err();
/// assert!(error.to_string().starts_with(&format!("can't listen on {addr}: ")));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Error {
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Collisions(Collisions),
    NoRuntime,
    Resolve { addr: String, source: io::Error },
    Listen { addrs: Vec<SocketAddr>, source: io::Error },
    Thread(io::Error),
}

impl Error {
    pub(super) fn collide(collisions: Collisions) -> Self {
        Self { kind: ErrorKind::Collisions(collisions) }
    }

    pub(super) fn no_runtime() -> Self {
        Self { kind: ErrorKind::NoRuntime }
    }

    pub(super) fn resolve(addr: String, source: io::Error) -> Self {
        Self { kind: ErrorKind::Resolve { addr, source } }
    }

    pub(super) fn listen(addrs: impl Into<Vec<SocketAddr>>, source: io::Error) -> Self {
        Self { kind: ErrorKind::Listen { addrs: addrs.into(), source } }
    }

    pub(super) fn thread(source: io::Error) -> Self {
        Self { kind: ErrorKind::Thread(source) }
    }

    /// The metrics that collide, if that is why.
    #[must_use]
    pub fn collisions(&self) -> Option<&Collisions> {
        match &self.kind {
            ErrorKind::Collisions(collisions) => Some(collisions),
            _ => None,
        }
    }
}

/// The text of `Display`: `main` and `unwrap` show this one.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Collisions(collisions) => write!(f, "nothing is served: {collisions}"),
            ErrorKind::NoRuntime => f.write_str(
                "there is no tokio runtime here for `serve`: await it inside of one, or call \
                 `tallymark::http::start`, which needs none",
            ),
            ErrorKind::Resolve { addr, source } => write!(
                f,
                "can't listen on {addr}: {source}; write an address of this machine and a port, such as \
                 \"127.0.0.1:9464\""
            ),
            ErrorKind::Listen { addrs, source } => {
                f.write_str("can't listen on ")?;
                for (index, addr) in addrs.iter().enumerate() {
                    write!(f, "{}{addr}", if index == 0 { "" } else { ", " })?;
                }
                write!(f, ": {source}")?;
                cure(source.kind()).map_or(Ok(()), |cure| write!(f, "; {cure}"))
            }
            ErrorKind::Thread(source) => write!(
                f,
                "can't start the thread that serves metrics: {source}; raise the limit of threads or of open files \
                 that the program has reached"
            ),
        }
    }
}

fn cure(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::AddrInUse => {
            Some("stop the program that listens there, or take another port (port 0 takes a free one)")
        }
        io::ErrorKind::AddrNotAvailable => {
            Some("this machine has no such address: take one that it has, or 0.0.0.0 or [::] for all that it has")
        }
        io::ErrorKind::PermissionDenied => {
            Some("the system keeps this port for privileged programs: take one from 1024 up, such as 9464")
        }
        _ => None,
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Collisions(collisions) => Some(collisions),
            ErrorKind::NoRuntime => None,
            ErrorKind::Resolve { source, .. } | ErrorKind::Listen { source, .. } | ErrorKind::Thread(source) => {
                Some(source)
            }
        }
    }
}
