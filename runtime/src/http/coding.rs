//! How pages are compressed on their way.

use std::io;

use hyper::header::HeaderValue;

use super::gzip::Gzip;
#[cfg(feature = "zstd")]
use super::zstd::Zstd;
use crate::exposition::negotiate::{Weight, cut, elements};

/// A content coding (RFC 9110, section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Identity,
    Gzip,
    #[cfg(feature = "zstd")]
    Zstd,
}

/// What writes a coding.
pub(super) trait Compress: Send {
    /// Appends what can be written of all that has come so far.
    fn write(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()>;

    /// Appends the rest.
    fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()>;
}

impl Coding {
    /// Its name in `Content-Encoding`, which only what is coded has.
    pub(super) fn name(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            #[cfg(feature = "zstd")]
            Self::Zstd => Some(HeaderValue::from_static("zstd")),
        }
    }

    /// None where nothing is to be compressed, or nothing can be.
    pub(super) fn compressor(self) -> Option<Box<dyn Compress>> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(Box::new(Gzip::new())),
            #[cfg(feature = "zstd")]
            Self::Zstd => Some(Box::new(Zstd::new()?)),
        }
    }
}

/// What the `Accept-Encoding` headers of a client say of the codings that there are (RFC 9110, section 12.5.3).
#[derive(Debug, Default)]
pub(super) struct Accepted {
    zstd: Option<Weight>,
    gzip: Option<Weight>,
    identity: Option<Weight>,
    any: Option<Weight>,
}

impl Accepted {
    pub(super) fn of<V: AsRef<[u8]>>(headers: impl IntoIterator<Item = V>) -> Self {
        let mut accepted = Self::default();
        for header in headers {
            accepted.read(header.as_ref());
        }
        accepted
    }

    fn read(&mut self, header: &[u8]) {
        for element in elements(header) {
            let (name, weight) = cut(element, b';');
            let weight = match weight {
                None => Some(Weight::FULL),
                // It has no parameter but this.
                Some(weight) => match cut(weight, b';').0 {
                    [b'q' | b'Q', b'=', weight @ ..] => Weight::parse(weight),
                    _ => None,
                },
            };
            let known = if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") {
                &mut self.gzip
            } else if name.eq_ignore_ascii_case(b"zstd") {
                &mut self.zstd
            } else if name.eq_ignore_ascii_case(b"identity") {
                &mut self.identity
            } else if name == b"*" {
                &mut self.any
            } else {
                continue;
            };
            if *known < weight {
                *known = weight;
            }
        }
    }

    /// Whether a page may not come as it is.
    pub(super) fn refuses_identity(&self) -> bool {
        self.identity.or(self.any) == Some(Weight::REFUSED)
    }

    /// The coding of the highest `q`, of equals zstd, gzip, none. `*` stands for gzip. Where all is refused, none.
    pub(super) fn best(&self) -> Coding {
        let identity = self.identity.or(self.any);
        let gzip = (self.gzip.or(self.any), Coding::Gzip);
        #[cfg(feature = "zstd")]
        let offered = [(self.zstd, Coding::Zstd), gzip];
        #[cfg(not(feature = "zstd"))]
        let offered = [gzip];
        // What isn't named is acceptable all the same where it is no coding, but comes last.
        let mut best = (identity.unwrap_or(Weight::REFUSED), Coding::Identity);
        for (weight, coding) in offered {
            let Some(weight) = weight.filter(|weight| *weight != Weight::REFUSED) else { continue };
            if weight > best.0 || (weight == best.0 && best.1 == Coding::Identity) {
                best = (weight, coding);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "zstd")]
    const ZSTD: Coding = Coding::Zstd;
    #[cfg(not(feature = "zstd"))]
    const ZSTD: Coding = Coding::Gzip;

    #[test]
    fn the_coding_is_the_one_that_the_client_weighs_most() {
        let (none, gzip) = (Coding::Identity, Coding::Gzip);
        for (header, coding) in [
            ("", none),
            // Prometheus, Go, VictoriaMetrics.
            ("gzip", gzip),
            // Python's requests, curl, browsers.
            ("gzip, deflate", gzip),
            ("deflate, gzip, br, zstd", ZSTD),
            ("gzip, deflate, br, zstd", ZSTD),
            ("identity", none),
            ("br", none),
            ("deflate, compress", none),
            ("x-gzip", gzip),
            ("GZip;Q=0.5", gzip),
            ("*", gzip),
            ("*;q=0.5", gzip),
            ("*;q=0", none),
            ("gzip;q=0", none),
            ("gzip;q=0, *", none),
            ("gzip;q=0.000", none),
            ("identity;q=0", none),
            ("identity;q=0, gzip;q=0.1", gzip),
            ("gzip;q=0.5, identity", none),
            ("gzip;q=0.5, identity;q=0.5", gzip),
            ("gzip;q=0.5, *", none),
            ("gzip;q=0.5, *;q=0.1", gzip),
            ("gzip;q=0.2, identity;q=0, *;q=0", gzip),
            ("gzip;q=2", none),
            ("gzip;level=9", none),
            ("gzip ; q=0.5 ,", gzip),
            ("gzip;q=0, gzip;q=1", gzip),
            ("\"gzip\"", none),
        ] {
            assert_eq!(Accepted::of([header]).best(), coding, "{header}");
        }
        assert_eq!(Accepted::of(["gzip;q=0.1", "identity;q=0.2"]).best(), none);
        assert_eq!(Accepted::of(Vec::<&str>::new()).best(), none);
        for (header, refuses) in [
            ("", false),
            ("gzip", false),
            ("gzip, *;q=0", true),
            ("gzip, identity;q=0", true),
            ("gzip, *;q=0, identity;q=0.1", false),
        ] {
            assert_eq!(Accepted::of([header]).refuses_identity(), refuses, "{header}");
        }
        let bytes: &[u8] = b"\xff, gzip";
        assert_eq!(Accepted::of([bytes]).best(), gzip);
    }

    #[test]
    #[cfg(feature = "zstd")]
    fn of_zstd_and_gzip_the_weights_decide_and_zstd_where_they_are_equal() {
        let (none, gzip) = (Coding::Identity, Coding::Gzip);
        for (header, coding) in [
            ("zstd", ZSTD),
            ("gzip, zstd", ZSTD),
            ("gzip, zstd;q=0.9", gzip),
            ("gzip;q=0.5, zstd;q=0.9", ZSTD),
            ("zstd;q=0, gzip", gzip),
            ("zstd;q=0.3, identity;q=0.4", none),
            ("zstd;q=0, *", gzip),
        ] {
            assert_eq!(Accepted::of([header]).best(), coding, "{header}");
        }
    }
}
