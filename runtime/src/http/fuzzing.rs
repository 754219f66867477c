//! The server without sockets, for fuzzing.

use std::fmt;

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::coding::{Accepted, Coding};
use super::query;
use super::server::{Connections, converse};
use super::service::{Options, Service};
use crate::registry::Registry;

/// What serves a registry, without a listener.
pub struct Server {
    service: Service,
    connections: Connections,
}

impl Server {
    /// One that shows a registry.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        let options = Options { self_metrics: Some(true), ..Options::new(registry) };
        Self { service: Service::new(options), connections: Connections::new(1) }
    }

    /// Serves one connection until it ends.
    pub async fn converse(&self, connection: impl AsyncRead + AsyncWrite + Unpin) {
        converse(TokioIo::new(connection), &self.service, &self.connections).await;
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

/// The content coding for these `Accept-Encoding` headers; none where a page is sent as it is.
#[must_use]
pub fn coding(headers: &[&[u8]]) -> Option<&'static str> {
    match Accepted::of(headers).best() {
        Coding::Identity => None,
        Coding::Gzip => Some("gzip"),
        #[cfg(feature = "zstd")]
        Coding::Zstd => Some("zstd"),
    }
}

/// The names that a query asks for; none where they are too many.
#[must_use]
pub fn names(query: &str) -> Option<Vec<String>> {
    query::names(query)
}
