//! Asking a server for its page.

use std::io::{self, Read, Write as _};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use ureq::http::{HeaderName, HeaderValue, Response};
use ureq::{Agent, Body};

use crate::error::Error;
use crate::number::rounded;
use crate::print::harmless;
use crate::source::{Page, read_all};

/// How a server is asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) accept: &'static str,
    /// Headers that were asked for by name.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
    /// Whether all that goes over the wire but the page is shown.
    pub(crate) debug: bool,
}

/// A page, and how it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) page: Page,
    pub(crate) took: Duration,
    /// When it had come.
    pub(crate) at: Instant,
}

/// Gets the page of a server.
pub(crate) fn get(url: &str, request: &Request) -> Result<Answer, Error> {
    let name = without_password(url);
    if cfg!(not(feature = "tls")) && url.starts_with("https://") {
        return Err(Error::failed(format!(
            "`{name}` needs TLS, without which this program was built; `cargo install tallymark-cli --features tls` \
             builds it with it"
        )));
    }
    let started = Instant::now();
    let mut response = send(url, &name, request)?;
    if request.debug {
        show_response(&response);
    }
    let status = response.status();
    if !status.is_success() {
        return Err(Error::failed(format!("`{name}` answers {status}{}", first_line(&mut response))));
    }
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (content_type, encoding) = (header("content-type"), header("content-encoding"));
    let mut received = 0;
    let body = Counted { from: response.body_mut().as_reader(), count: &mut received };
    let bytes = match encoding.as_deref().map(str::trim) {
        None | Some("" | "identity") => read_all(body),
        Some("gzip" | "x-gzip") => read_all(MultiGzDecoder::new(body)),
        Some(other) => {
            let other = harmless(other);
            return Err(Error::failed(format!(
                "`{name}` answers in `{other}`, though it was asked for gzip or nothing"
            )));
        }
    };
    let bytes = bytes.map_err(|error| Error::failed(format!("the page of `{name}` came in part: {error}")))?;
    let at = Instant::now();
    let took = at - started;
    if request.debug {
        let packed = if encoding.is_some() { format!(", unpacked {}", bytes.len()) } else { String::new() };
        say(&format!("= {received} bytes{packed}, in {} ms", rounded(took.as_secs_f64() * 1e3)));
    }
    Ok(Answer { page: Page { name, bytes, content_type, served: true }, took, at })
}

fn send(url: &str, name: &str, request: &Request) -> Result<Response<Body>, Error> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(request.timeout))
        .user_agent(concat!("tallymark/", env!("CARGO_PKG_VERSION")))
        .build();
    let mut builder = config.new_agent().get(url);
    let mut headers = vec![
        (HeaderName::from_static("accept"), HeaderValue::from_static(request.accept)),
        (HeaderName::from_static("accept-encoding"), HeaderValue::from_static("gzip")),
    ];
    // What was asked for stands instead of ours.
    headers.retain(|(name, _)| request.headers.iter().all(|(asked, _)| asked != name));
    headers.extend(request.headers.iter().cloned());
    if request.debug {
        say(&format!("> GET {name}"));
    }
    for (header, value) in headers {
        if request.debug {
            show_header('>', &header, &value);
        }
        builder = builder.header(header, value);
    }
    builder.call().map_err(|error| Error::failed(format!("`{name}` can't be fetched: {}", cause(&error, request))))
}

/// What is wrong, and what can be done.
fn cause(error: &ureq::Error, request: &Request) -> String {
    match error {
        ureq::Error::Timeout(_) => {
            let seconds = rounded(request.timeout.as_secs_f64());
            format!("no answer within {seconds} s; `--timeout` allows more")
        }
        ureq::Error::HostNotFound => "there is no host of that name; see whether it is spelt right".to_owned(),
        ureq::Error::ConnectionFailed => "nobody listens there; see whether it runs, and at which port".to_owned(),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "nobody listens there; see whether it runs, and at which port".to_owned()
        }
        other => harmless(&other.to_string()).into_owned(),
    }
}

/// Mostly what a server says of an error.
fn first_line(response: &mut Response<Body>) -> String {
    let mut body = Vec::new();
    // There may be none.
    let _ = response.body_mut().as_reader().take(500).read_to_end(&mut body);
    let text = String::from_utf8_lossy(&body);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(String::new, |line| format!(": {}", harmless(line)))
}

fn show_response(response: &Response<Body>) {
    say(&format!("< {:?} {}", response.version(), response.status()));
    for (name, value) in response.headers() {
        show_header('<', name, value);
    }
}

fn show_header(direction: char, name: &HeaderName, value: &HeaderValue) {
    let secret = matches!(name.as_str(), "authorization" | "cookie" | "set-cookie" | "proxy-authorization");
    let text = String::from_utf8_lossy(value.as_bytes());
    say(&format!("{direction} {name}: {}", if secret { "(not shown)".into() } else { harmless(&text) }));
}

/// Says something of how a page came.
fn say(text: &str) {
    // Where nobody can be told, there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A URL as it may be shown.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    harmless(&format!("{scheme}://{}", &rest[host..])).into_owned()
}

/// The URL that is meant: `http` unless it says otherwise, and `/metrics` where it names no page.
pub(crate) fn completed(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (rest, _) = rest.split_once('#').unwrap_or((rest, ""));
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, page) = rest.split_at(end);
    let page = match page.strip_prefix('/').unwrap_or(page) {
        "" => "/metrics".to_owned(),
        query if query.starts_with('?') => format!("/metrics{query}"),
        page => format!("/{page}"),
    };
    format!("{scheme}://{host}{page}")
}

/// Counts what is read.
struct Counted<'a, R> {
    from: R,
    count: &'a mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        *self.count += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_completed() {
        for (given, meant) in [
            ("localhost:9464", "http://localhost:9464/metrics"),
            ("http://a:1/", "http://a:1/metrics"),
            ("https://a", "https://a/metrics"),
            ("a/b?c=d", "http://a/b?c=d"),
            ("http://a?name[]=x", "http://a/metrics?name[]=x"),
            ("http://u:p@[::1]:9/x#y", "http://u:p@[::1]:9/x"),
        ] {
            assert_eq!(completed(given), meant);
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("http://me:secret@a:1/x?b=@"), "http://a:1/x?b=@");
        assert_eq!(without_password("http://a/x@y"), "http://a/x@y");
    }
}
