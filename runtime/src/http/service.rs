//! Requests and what they are answered.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, VARY,
};
use hyper::{HeaderMap, Method, Response, StatusCode, Uri};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::body::Body;
use super::coding::Accepted;
use super::limits::{self, Limits};
use super::metrics::{Metrics, Record};
use super::page::{Broken, Made, Places, make};
use super::query;
use crate::exposition::{self, Format};
use crate::registry::Registry;
use crate::snapshot::Page;

/// Pages of more than a piece that are compressed at once; further ones are sent as they are. A compressor takes some
/// hundred KiB, as long as its client reads.
const MAX_COMPRESSORS: usize = 32;

/// When to come again if there was no place or no time: soon, since scrapes take milliseconds.
const LATER: HeaderValue = HeaderValue::from_static("5");

const VARIES: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");
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

/// What is served, and how.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) registry: Registry,
    /// Whether pages say since when series count; as their formats have it where that isn't stated.
    pub(super) created: Option<bool>,
    pub(super) max_scrapes: usize,
    pub(super) scrape_timeout: Duration,
    /// Of the global registry unless stated.
    pub(super) self_metrics: Option<bool>,
}

impl Options {
    pub(super) fn new(registry: Registry) -> Self {
        Self {
            registry,
            created: None,
            max_scrapes: limits::MAX_SCRAPES,
            scrape_timeout: limits::SCRAPE_TIMEOUT,
            self_metrics: None,
        }
    }
}

/// A registry, as it is served.
#[derive(Clone, Debug)]
pub(super) struct Service {
    registry: Registry,
    created: Option<bool>,
    limits: Limits,
    compressors: Arc<Semaphore>,
    metrics: Option<Arc<Metrics>>,
}

impl Service {
    pub(super) fn new(options: Options) -> Self {
        let Options { registry, created, max_scrapes, scrape_timeout, self_metrics } = options;
        let metrics = self_metrics.unwrap_or_else(|| registry.is_global()).then(|| Metrics::of(&registry)).flatten();
        let limits = Limits::new(max_scrapes, scrape_timeout);
        Self { registry, created, limits, compressors: Arc::new(Semaphore::new(MAX_COMPRESSORS)), metrics }
    }

    pub(super) async fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
        let mut record = Record::begin(self.metrics.as_ref());
        let response = match Route::of(method, uri.path()) {
            Route::Metrics => {
                let mut response = self.metrics(uri.query().unwrap_or_default(), headers).await;
                response.headers_mut().insert(VARY, VARIES);
                response
            }
            Route::Index => response(StatusCode::OK, HTML, INDEX),
            Route::Options => {
                // Without a length: a 204 has none (RFC 9110, section 8.6).
                let mut response = allowing(Response::default());
                *response.status_mut() = StatusCode::NO_CONTENT;
                response
            }
            Route::MethodNotAllowed => {
                let text = "This method is not allowed here: use GET, HEAD or OPTIONS.\n";
                allowing(response(StatusCode::METHOD_NOT_ALLOWED, PLAIN, text))
            }
            Route::NotFound => {
                response(StatusCode::NOT_FOUND, PLAIN, "Nothing is here. The metrics are at /metrics.\n")
            }
        };
        record.answers(response.status());
        response.map(|body| body.recorded(record))
    }

    async fn metrics(&self, query: &str, headers: &HeaderMap) -> Response<Body> {
        let Some(names) = query::names(query) else {
            let text = format!("At most {} names can be asked for at once.\n", query::MOST_NAMES);
            return response(StatusCode::BAD_REQUEST, PLAIN, text);
        };
        let format = Format::negotiate(headers.get_all(ACCEPT));
        let format = self.created.map_or(format, |created| format.with_created(created));
        let accepted = Accepted::of(headers.get_all(ACCEPT_ENCODING));
        let registry = self.registry.clone();
        let gather: Gather = if names.is_empty() {
            Box::new(move || registry.page())
        } else {
            Box::new(move || registry.restricted(names).page())
        };
        let time = self.limits.time(headers);
        match timeout(time, self.page(gather, format, accepted, time)).await {
            Ok(response) => response,
            Err(_) => self.unavailable(format!("The metrics were not gathered within {time:?}.")),
        }
    }

    /// Gathers and makes the first piece; the others are made when it has been sent.
    async fn page(&self, gather: Gather, format: Format, accepted: Accepted, time: Duration) -> Response<Body> {
        let begun = Instant::now();
        let Some(place) = self.limits.place().await else {
            return self.unavailable("As many scrapes are being gathered as there may be at once.".to_owned());
        };
        let places = Places { scrapes: self.limits.places(), compressors: Arc::clone(&self.compressors) };
        let first = move || Made::first(exposition::pieces(format, gather()), &accepted, places);
        match make(place, Box::new(first)).await {
            Ok(Made { bytes, coding, rest }) => {
                let mut response = match rest {
                    None => response(StatusCode::OK, format.content_type(), bytes),
                    Some(rest) => {
                        let rest = rest.within(time.saturating_sub(begun.elapsed()));
                        let mut response = Response::new(Body::pieces(bytes, rest));
                        let content_type = HeaderValue::from_static(format.content_type());
                        response.headers_mut().insert(CONTENT_TYPE, content_type);
                        response
                    }
                };
                if let Some(coding) = coding.name() {
                    response.headers_mut().insert(CONTENT_ENCODING, coding);
                }
                response
            }
            Err(Broken::Ended) => self.unavailable("The metrics can't be gathered: the program ends.".to_owned()),
            // The first piece ends in time, or is given up as a whole.
            Err(Broken::Late) => self.unavailable("The metrics were not gathered in time.".to_owned()),
            Err(Broken::Panicked) => response(
                StatusCode::INTERNAL_SERVER_ERROR,
                PLAIN,
                "The metrics could not be gathered: a collector panicked. The program's standard error says where.\n",
            ),
            Err(Broken::Compressor(_)) => {
                let text = "The metrics could not be compressed. Ask for them without Accept-Encoding.\n";
                response(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, text)
            }
        }
    }

    /// Says why there is no page, and which collector is to blame if one is.
    fn unavailable(&self, mut text: String) -> Response<Body> {
        match self.registry.longest_asked() {
            Some((site, time)) => {
                let seconds = time.as_secs_f64();
                // A `String` takes all.
                let _ = writeln!(
                    text,
                    " The collector that is registered at {site} has not answered for {seconds:.1} s: let it give what \
                     is there, and do what takes long elsewhere."
                );
            }
            None => text.push('\n'),
        }
        let mut response = response(StatusCode::SERVICE_UNAVAILABLE, PLAIN, text);
        response.headers_mut().insert(RETRY_AFTER, LATER);
        response
    }
}

/// Asks the collectors, of one type, so that tokio's code is compiled for one.
type Gather = Box<dyn FnOnce() -> Page + Send>;

/// Names the methods that there are.
fn allowing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(ALLOW, METHODS);
    response
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
    use crate::Counter;

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
    fn a_panic_that_a_gather_lets_through_is_answered_and_gives_its_place_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let service = Service::new(Options { max_scrapes: 1, ..Options::new(Registry::new()) });
            let gather = || Box::new(|| panic!("the disk is on fire"));
            for _ in 0..2 {
                let response = service.page(gather(), Format::TEXT_0_0_4, Accepted::default(), Duration::MAX).await;
                assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            }
            assert!(service.limits.place().await.is_some());
        });
    }

    #[test]
    fn a_scrape_that_finds_no_place_is_told_so() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let service = Service::new(Options { max_scrapes: 1, ..Options::new(Registry::new()) });
            let place = service.limits.place().await.unwrap();
            let response = get(&service, "/metrics").await;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[RETRY_AFTER], "5");
            assert_eq!(response.headers()[VARY], "Accept, Accept-Encoding");
            assert_eq!(get(&service, "/").await.status(), StatusCode::OK);
            drop(place);
            assert_eq!(get(&service, "/metrics").await.status(), StatusCode::OK);
        });
    }

    #[test]
    fn where_too_many_compress_a_long_page_is_sent_as_it_is() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let registry = Registry::new();
            let large: Counter = Counter::new("large_total", "x".repeat(1 << 20)).unwrap();
            registry.register(&large).unwrap();
            let service = Service::new(Options::new(registry));
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            let scrape = async || service.respond(&Method::GET, &Uri::from_static("/metrics"), &headers).await;
            let coded = |response: &Response<Body>| response.headers().contains_key(CONTENT_ENCODING);
            let places = Arc::clone(&service.compressors).acquire_many_owned(32).await.unwrap();
            assert!(!coded(&scrape().await));
            drop(places);
            assert!(coded(&scrape().await));
        });
    }

    async fn get(service: &Service, target: &'static str) -> Response<Body> {
        service.respond(&Method::GET, &Uri::from_static(target), &HeaderMap::new()).await
    }
}
