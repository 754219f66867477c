//! Requests and what they are answered.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Response, StatusCode};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::body::Body;
use crate::exposition::text;
use crate::registry::Registry;
use crate::snapshot::Page;

/// More scrapes than come at once. A collector that hangs keeps a thread a scrape, of a pool that the whole program
/// shares; so this bounds how many.
const MAX_GATHERS: usize = 16;

/// How long a scrape waits for its turn: as long as Prometheus waits for a page by default.
const PATIENCE: Duration = Duration::from_secs(10);

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const HTML: &str = "text/html; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

const INDEX: &str = "\
<!DOCTYPE html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>Metrics</title></head>
<body>
<h1>Metrics</h1>
<p>This program shows its metrics to Prometheus at <a href=\"/metrics\">/metrics</a>.</p>
</body>
</html>
";

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Metrics,
    Index,
    Options,
    MethodNotAllowed,
    NotFound,
}

impl Route {
    pub(super) fn of(method: &Method, path: &str) -> Self {
        let found = match path {
            "/metrics" => Self::Metrics,
            "/" => Self::Index,
            // It asks about the server as a whole (RFC 9110, 9.3.7).
            "*" if method == Method::OPTIONS => return Self::Options,
            _ => return Self::NotFound,
        };
        match *method {
            // hyper leaves the body out of a response to HEAD.
            Method::GET | Method::HEAD => found,
            Method::OPTIONS => Self::Options,
            _ => Self::MethodNotAllowed,
        }
    }
}

/// A registry, as it is served.
#[derive(Clone, Debug)]
pub(super) struct Service {
    registry: Registry,
    gathers: Arc<Semaphore>,
}

impl Service {
    pub(super) fn new(registry: Registry) -> Self {
        Self { registry, gathers: Arc::new(Semaphore::new(MAX_GATHERS)) }
    }

    pub(super) async fn respond(&self, route: Route) -> Response<Body> {
        match route {
            Route::Metrics => {
                let registry = self.registry.clone();
                self.page(move || registry.page()).await
            }
            Route::Index => response(StatusCode::OK, HTML, INDEX),
            Route::Options => {
                // Without a length: a 204 has none (RFC 9110, 8.6).
                let mut response = Response::default();
                *response.status_mut() = StatusCode::NO_CONTENT;
                response.headers_mut().insert(ALLOW, METHODS);
                response
            }
            Route::MethodNotAllowed => {
                let text = "This method is not allowed here: use GET, HEAD or OPTIONS.\n";
                let mut response = response(StatusCode::METHOD_NOT_ALLOWED, PLAIN, text);
                response.headers_mut().insert(ALLOW, METHODS);
                response
            }
            Route::NotFound => {
                response(StatusCode::NOT_FOUND, PLAIN, "Nothing is here. The metrics are at /metrics.\n")
            }
        }
    }

    /// Gathers on a thread where collectors may block; writes the rest of a long page while it is sent.
    async fn page(&self, gather: impl FnOnce() -> Page + Send + 'static) -> Response<Body> {
        let Ok(Ok(turn)) = timeout(PATIENCE, Arc::clone(&self.gathers).acquire_owned()).await else {
            return response(
                StatusCode::SERVICE_UNAVAILABLE,
                PLAIN,
                "The metrics can't be gathered now: earlier scrapes still are. A collector takes too long.\n",
            );
        };
        let gathered = spawn_blocking(move || {
            let mut pieces = text::pieces(gather());
            let first = pieces.next().unwrap_or_default();
            drop(turn);
            (first, pieces)
        });
        match gathered.await {
            Ok((whole, pieces)) if pieces.is_finished() => response(StatusCode::OK, text::CONTENT_TYPE, whole),
            Ok((first, pieces)) => {
                let mut response = Response::new(Body::pieces(first, pieces));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(text::CONTENT_TYPE));
                response
            }
            Err(error) if error.is_cancelled() => {
                let text = "The metrics can't be gathered: the program ends.\n";
                response(StatusCode::SERVICE_UNAVAILABLE, PLAIN, text)
            }
            Err(_) => response(
                StatusCode::INTERNAL_SERVER_ERROR,
                PLAIN,
                "The metrics could not be gathered: a collector panicked. The program's standard error says where.\n",
            ),
        }
    }
}

fn response(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let body = body.into();
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_LENGTH, length);
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by it")]
mod tests {
    use super::*;

    #[test]
    fn the_path_decides_before_the_method() {
        let brew = Method::from_bytes(b"BREW").unwrap();
        for (method, path, route) in [
            (&Method::GET, "/metrics", Route::Metrics),
            (&Method::HEAD, "/metrics", Route::Metrics),
            (&Method::GET, "/", Route::Index),
            (&Method::HEAD, "/", Route::Index),
            (&Method::OPTIONS, "/metrics", Route::Options),
            (&Method::OPTIONS, "/", Route::Options),
            (&Method::OPTIONS, "*", Route::Options),
            (&Method::POST, "/metrics", Route::MethodNotAllowed),
            (&brew, "/", Route::MethodNotAllowed),
            (&Method::GET, "/metrics/", Route::NotFound),
            (&Method::GET, "/Metrics", Route::NotFound),
            (&Method::GET, "*", Route::NotFound),
            (&Method::CONNECT, "", Route::NotFound),
            (&Method::OPTIONS, "/coffee", Route::NotFound),
            (&brew, "/coffee", Route::NotFound),
        ] {
            assert_eq!(Route::of(method, path), route, "{method} {path}");
        }
    }

    #[test]
    fn a_panic_that_a_gather_lets_through_is_answered_and_gives_its_turn_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let service = Service::new(Registry::new());
            let response = service.page(|| panic!("the disk is on fire")).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(service.gathers.available_permits(), MAX_GATHERS);
        });
    }

    #[test]
    fn a_scrape_whose_turn_does_not_come_is_told_so() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let service = Service::new(Registry::new());
            let turns = Arc::clone(&service.gathers).acquire_many_owned(16).await.unwrap();
            assert_eq!(service.respond(Route::Metrics).await.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(service.respond(Route::Index).await.status(), StatusCode::OK);
            drop(turns);
            assert_eq!(service.respond(Route::Metrics).await.status(), StatusCode::OK);
        });
    }
}
