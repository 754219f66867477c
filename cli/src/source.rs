//! Where pages come from.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::client::{self, Request};
use crate::error::Error;
use crate::format::Format;
use crate::print::harmless;

/// The most that is read of a page. A million series have about a tenth of that.
const LARGEST: u64 = 1 << 30;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Standard,
    File(PathBuf),
    Url(String),
}

/// A page as it came.
#[derive(Debug)]
pub(crate) struct Page {
    /// What it is called where something is said of it.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// What the server said that it is; none of files.
    pub(crate) content_type: Option<String>,
    pub(crate) served: bool,
}

impl Source {
    pub(crate) fn of(argument: OsString) -> Self {
        let text = argument.to_string_lossy();
        if text == "-" {
            Self::Standard
        } else if text.starts_with("http://") || text.starts_with("https://") {
            Self::Url(text.into_owned())
        } else {
            Self::File(argument.into())
        }
    }

    /// Gets the page; a server is asked as `request` says.
    pub(crate) fn page(&self, request: &Request) -> Result<Page, Error> {
        let file = |name: String, bytes| Page { name, bytes, content_type: None, served: false };
        match self {
            Self::Standard => match read_all(io::stdin().lock()) {
                Ok(bytes) => Ok(file("stdin".to_owned(), bytes)),
                Err(error) => Err(Error::failed(format!("the standard input can't be read: {error}"))),
            },
            Self::File(path) => {
                let name = harmless(&path.to_string_lossy()).into_owned();
                match File::open(path).and_then(read_all) {
                    Ok(bytes) => Ok(file(name, bytes)),
                    Err(error) => Err(Error::failed(format!("`{name}` can't be read: {error}"))),
                }
            }
            Self::Url(url) => Ok(client::get(url, request)?.page),
        }
    }
}

impl Page {
    /// The format that it is in: the one that the server said, or that is known, or that it seems to be in. A server
    /// that doesn't have the format that it was asked for gives another.
    pub(crate) fn format(&self, known: Option<Format>) -> Format {
        let said = || self.content_type.as_deref().and_then(Format::of_content_type);
        said().or(known).unwrap_or_else(|| Format::of_page(&self.bytes))
    }

    /// What the server calls the page, where that is no format that can be read: mostly it is another page than was meant.
    pub(crate) fn hint(&self) -> String {
        match self.content_type.as_deref() {
            Some(said) if Format::of_content_type(said).is_none() => {
                format!("; the server calls it `{}`, so it may be another page than you mean", harmless(said))
            }
            _ => String::new(),
        }
    }
}

/// Reads to the end, unless that is too far.
pub(crate) fn read_all(from: impl Read) -> io::Result<Vec<u8>> {
    read_at_most(from, LARGEST)
}

fn read_at_most(from: impl Read, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = from.take(largest + 1).read_to_end(&mut bytes)?;
    if length as u64 > largest {
        let message = format!("it has more than {largest} bytes, the most that is read of a page");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_can_be_held() {
        assert_eq!(read_at_most(&b"abc"[..], 3).unwrap(), b"abc");
        let error = read_at_most(io::repeat(b'a'), 3).unwrap_err();
        assert!(error.to_string().contains("more than 3 bytes"), "{error}");
    }

    #[test]
    fn an_argument_is_a_file_unless_it_says_otherwise() {
        assert_eq!(Source::of("-".into()), Source::Standard);
        assert_eq!(Source::of("https://a/".into()), Source::Url("https://a/".to_owned()));
        assert_eq!(Source::of("http".into()), Source::File("http".into()));
    }
}
