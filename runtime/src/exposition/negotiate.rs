//! Which format a reader gets: what it accepts, against what there is.
//!
//! Pure functions over the texts of headers. They copy nothing, and take time in proportion to the texts.

use super::{Escaping, Format};

impl Format {
    /// The format for a reader that sends these `Accept` headers (RFC 9110, section 12.5.1).
    ///
    /// Of the formats that a header's clauses name, the one of the highest `q` is taken. Among equals a named type
    /// comes before `type/*`, and that before `*/*`; of two clauses of one type the one with more parameters comes
    /// first, and else the order of the header decides, as in Prometheus' own library.
    ///
    /// | clause | stands for |
    /// |---|---|
    /// | `text/plain`, also with `version=0.0.4` | text 0.0.4 |
    /// | `text/plain;version=1.0.0` | text 1.0.0 |
    /// | `application/openmetrics-text`, also with `version=0.0.1` | `OpenMetrics` 0.0.1 |
    /// | `application/openmetrics-text;version=1.0.0` | `OpenMetrics` 1.0.0 |
    /// | `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited` | protobuf |
    /// | `text/*`, `*/*` | text 0.0.4 |
    /// | `application/*`; `*/*` where text is refused | `OpenMetrics` 0.0.1 |
    /// | anything else: another version, another charset than `utf-8`, what is malformed | nothing: it is skipped |
    ///
    /// - A clause for part of what another is for decides about that part: in `text/plain;q=0.3, */*;q=0.5` the text
    ///   format has 0.3. `q=0` refuses.
    /// - `escaping` is one of the [schemes](Escaping), for the format of its own clause alone. Without it, and where it
    ///   is none of them, it is [`Escaping::Underscores`]. Other parameters are skipped.
    /// - A reader that accepts nothing of all this, or says nothing, gets text 0.0.4, as browsers do. So there is
    ///   always an answer, and nothing of a header is ever in it.
    ///
    /// ```
    /// use tallymark::exposition::{Escaping, Format};
    ///
    /// let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
    ///                   application/openmetrics-text;version=0.0.1;q=0.5,\
    ///                   text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    /// assert_eq!(Format::negotiate([prometheus]), Format::OPENMETRICS_1_0_0.with_escaping(Escaping::AllowUtf8));
    ///
    /// let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    /// assert_eq!(Format::negotiate([browser]), Format::TEXT_0_0_4);
    /// ```
    #[must_use]
    pub fn negotiate<V: AsRef<[u8]>>(accept: impl IntoIterator<Item = V>) -> Self {
        let mut preferences = Preferences::default();
        for header in accept {
            preferences.read(header.as_ref());
        }
        preferences.best()
    }
}

/// What a media range is compared with.
struct Offer {
    r#type: &'static str,
    subtype: &'static str,
    /// None of what has no versions.
    version: Option<&'static str>,
    format: Format,
}

/// In the order in which a range that fits several stands for the first.
const OFFERS: [Offer; 5] = [
    Offer { r#type: "text", subtype: "plain", version: Some("0.0.4"), format: Format::TEXT_0_0_4 },
    Offer {
        r#type: "application",
        subtype: "openmetrics-text",
        version: Some("0.0.1"),
        format: Format::OPENMETRICS_0_0_1,
    },
    Offer {
        r#type: "application",
        subtype: "openmetrics-text",
        version: Some("1.0.0"),
        format: Format::OPENMETRICS_1_0_0,
    },
    Offer { r#type: "text", subtype: "plain", version: Some("1.0.0"), format: Format::TEXT_1_0_0 },
    Offer { r#type: "application", subtype: "vnd.google.protobuf", version: None, format: Format::PROTOBUF },
];

const PROTO: &str = "io.prometheus.client.MetricFamily";
const ENCODING: &str = "delimited";

/// In the same order.
const ESCAPINGS: [Escaping; 4] = [Escaping::Underscores, Escaping::AllowUtf8, Escaping::Dots, Escaping::Values];

/// What can be had: each offer with each escaping.
const CHOICES: usize = OFFERS.len() * ESCAPINGS.len();

/// A set of choices, one bit each.
type Choices = u32;

/// What the clauses say of each choice.
#[derive(Debug, Default)]
struct Preferences {
    of: [Option<Preference>; CHOICES],
    clauses: u32,
}

/// What the most specific clause that fits a choice says of it.
#[derive(Clone, Copy, Debug)]
struct Preference {
    weight: Weight,
    specificity: Specificity,
    /// All that the clause fits.
    fits: Choices,
    /// The clause's place among all.
    place: u32,
}

/// How much of a representation a range names. More of the type counts before any parameter, and what tells formats
/// apart before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Specificity {
    /// 2 of `type/subtype`, 1 of `type/*`, 0 of `*/*`.
    r#type: u8,
    /// Whether it names the version, or the message and its encoding; the escaping; the charset.
    parameters: [bool; 3],
}

impl Preferences {
    #[inline]
    fn read(&mut self, header: &[u8]) {
        for clause in elements(header) {
            let Some((fits, specificity, weight)) = Range::parse(clause).and_then(|range| range.fits()) else {
                continue;
            };
            let preference = Preference { weight, specificity, fits, place: self.clauses };
            self.clauses += 1;
            for (choice, known) in self.of.iter_mut().enumerate() {
                if fits & (1 << choice) != 0
                    && known.is_none_or(|known| (known.specificity, known.weight) < (specificity, weight))
                {
                    *known = Some(preference);
                }
            }
        }
    }

    #[inline]
    fn best(&self) -> Format {
        let first = self
            .first(|_, _| true, |new, old| (new.weight, new.specificity.r#type) > (old.weight, old.specificity.r#type));
        let Some((first, preferred)) = first else { return Format::TEXT_0_0_4 };
        // What the header says of the same type, no less preferred, but in more words.
        let equal = |choice: usize, preference: &Preference| {
            let (one, other) = (&OFFERS[offer(first)], &OFFERS[offer(choice)]);
            (one.r#type, one.subtype) == (other.r#type, other.subtype)
                && (preference.weight, preference.specificity.r#type)
                    == (preferred.weight, preferred.specificity.r#type)
        };
        let best = self.first(equal, |new, old| new.specificity > old.specificity);
        let choice = best.map_or(first, |(choice, _)| choice);
        OFFERS[offer(choice)].format.with_escaping(ESCAPINGS[choice % ESCAPINGS.len()])
    }

    /// The best of those choices for which a clause stands; of equals, the one that the header has first.
    #[inline]
    fn first(
        &self,
        asked: impl Fn(usize, &Preference) -> bool,
        better: impl Fn(&Preference, &Preference) -> bool,
    ) -> Option<(usize, Preference)> {
        let mut accepted: Choices = 0;
        let mut best: Option<(usize, Preference)> = None;
        for (choice, preference) in self.of.iter().enumerate() {
            let Some(preference) = preference.filter(|preference| preference.weight != Weight::REFUSED) else {
                continue;
            };
            // It stands for the first that it fits and that isn't refused.
            let stands = preference.fits & accepted == 0;
            accepted |= 1 << choice;
            let beats = |old: &Preference| {
                better(&preference, old) || (!better(old, &preference) && preference.place < old.place)
            };
            if stands && asked(choice, &preference) && best.as_ref().is_none_or(|(_, old)| beats(old)) {
                best = Some((choice, preference));
            }
        }
        best
    }
}

/// The offer that a choice is of.
const fn offer(choice: usize) -> usize {
    choice / ESCAPINGS.len()
}

/// A clause of `Accept`: a media range with its weight.
#[derive(Debug)]
struct Range<'a> {
    r#type: &'a [u8],
    subtype: &'a [u8],
    weight: Weight,
    version: Option<Value<'a>>,
    charset: Option<Value<'a>>,
    escaping: Option<Value<'a>>,
    proto: Option<Value<'a>>,
    encoding: Option<Value<'a>>,
    /// Whether it has a parameter that nothing here has.
    unknown: bool,
}

impl<'a> Range<'a> {
    /// None where it is malformed, also where it has a parameter twice.
    #[inline]
    fn parse(clause: &'a [u8]) -> Option<Self> {
        let (range, mut parameters) = cut(clause, b';');
        let slash = range.iter().position(|byte| *byte == b'/')?;
        let (r#type, subtype) = (&range[..slash], &range[slash + 1..]);
        if !is_token(r#type) || !is_token(subtype) || (r#type == b"*" && subtype != b"*") {
            return None;
        }
        let (version, charset, escaping, proto, encoding) = (None, None, None, None, None);
        let mut parsed =
            Self { r#type, subtype, weight: Weight::FULL, version, charset, escaping, proto, encoding, unknown: false };
        let mut weighed = false;
        while let Some(rest) = parameters {
            let (parameter, next) = cut(rest, b';');
            parameters = next;
            if parameter.is_empty() {
                continue;
            }
            let equals = parameter.iter().position(|byte| *byte == b'=')?;
            let (name, value) = (&parameter[..equals], Value::parse(&parameter[equals + 1..])?);
            if !is_token(name) {
                return None;
            }
            let known = if name.eq_ignore_ascii_case(b"q") {
                if weighed {
                    return None;
                }
                (parsed.weight, weighed) = (Weight::parse(&parameter[equals + 1..])?, true);
                continue;
            } else if name.eq_ignore_ascii_case(b"version") {
                &mut parsed.version
            } else if name.eq_ignore_ascii_case(b"charset") {
                &mut parsed.charset
            } else if name.eq_ignore_ascii_case(b"escaping") {
                &mut parsed.escaping
            } else if name.eq_ignore_ascii_case(b"proto") {
                &mut parsed.proto
            } else if name.eq_ignore_ascii_case(b"encoding") {
                &mut parsed.encoding
            } else {
                parsed.unknown = true;
                continue;
            };
            if known.replace(value).is_some() {
                return None;
            }
        }
        Some(parsed)
    }

    /// What it fits, and how closely. None where that is nothing.
    #[inline]
    fn fits(&self) -> Option<(Choices, Specificity, Weight)> {
        let refuses = self.weight == Weight::REFUSED;
        let escaping = self.escaping.and_then(|value| ESCAPINGS.iter().position(|known| value.is(known.as_str())));
        // What has a parameter that nothing here has is none of ours. Who accepts that can read ours as well; who
        // refuses it says nothing of ours.
        if refuses && (self.unknown || (self.escaping.is_some() && escaping.is_none())) {
            return None;
        }
        let mut fits: Choices = 0;
        for (at, offer) in OFFERS.iter().enumerate() {
            if self.fits_offer(offer, refuses) {
                let of_offer = match escaping {
                    Some(escaping) => 1 << escaping,
                    None => (1 << ESCAPINGS.len()) - 1,
                };
                fits |= of_offer << (at * ESCAPINGS.len());
            }
        }
        let r#type = if self.r#type == b"*" {
            0
        } else if self.subtype == b"*" {
            1
        } else {
            2
        };
        let exact = self.version.is_some() || (self.proto.is_some() && self.encoding.is_some());
        let specificity = Specificity { r#type, parameters: [exact, escaping.is_some(), self.charset.is_some()] };
        (fits != 0).then_some((fits, specificity, self.weight))
    }

    #[inline]
    fn fits_offer(&self, offer: &Offer, refuses: bool) -> bool {
        let named = |range: &[u8], name: &str| range == b"*" || range.eq_ignore_ascii_case(name.as_bytes());
        if !named(self.r#type, offer.r#type) || !named(self.subtype, offer.subtype) {
            return false;
        }
        if let Some(version) = offer.version {
            return self.version.is_none_or(|value| value.is(version))
                && self.charset.is_none_or(|value| value.is_ignoring_case("utf-8"));
        }
        // There are other messages, and other ways to write them: only who asks for these can read them.
        let asked = |value: Option<Value<'_>>, text| value.map_or(refuses, |value| value.is(text));
        asked(self.proto, PROTO) && asked(self.encoding, ENCODING)
    }
}

/// The value of a parameter: a token or a quoted string (RFC 9110, section 5.6.6).
#[derive(Clone, Copy, Debug)]
struct Value<'a> {
    /// Of a quoted string what is between the quotes.
    text: &'a [u8],
    quoted: bool,
}

impl<'a> Value<'a> {
    #[inline]
    fn parse(text: &'a [u8]) -> Option<Self> {
        if is_token(text) {
            return Some(Self { text, quoted: false });
        }
        let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let mut escaped = false;
        for byte in inner {
            if *byte == b'"' && !escaped {
                return None;
            }
            escaped = *byte == b'\\' && !escaped;
        }
        // Else the last quote is no end.
        (!escaped).then_some(Self { text: inner, quoted: true })
    }

    fn bytes(self) -> impl Iterator<Item = u8> {
        let mut escaped = false;
        self.text.iter().copied().filter(move |byte| {
            escaped = self.quoted && *byte == b'\\' && !escaped;
            !escaped
        })
    }

    #[inline]
    fn is(self, text: &str) -> bool {
        self.bytes().eq(text.bytes())
    }

    #[inline]
    fn is_ignoring_case(self, text: &str) -> bool {
        self.bytes().map(|byte| byte.to_ascii_lowercase()).eq(text.bytes())
    }
}

/// How much something is wanted: `q`, in thousandths (RFC 9110, section 12.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight(u16);

impl Weight {
    pub(crate) const FULL: Self = Self(1000);
    pub(crate) const REFUSED: Self = Self(0);

    /// None where it is malformed.
    #[inline]
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (whole, fraction) = match text {
            [whole] => (whole, &[][..]),
            [whole, b'.', fraction @ ..] if fraction.len() <= 3 => (whole, fraction),
            _ => return None,
        };
        let mut thousandths = match whole {
            b'0' => 0,
            b'1' => 1000,
            _ => return None,
        };
        for (digit, unit) in fraction.iter().zip([100, 10, 1]) {
            thousandths += match digit {
                b'0'..=b'9' => u16::from(digit - b'0') * unit,
                _ => return None,
            };
        }
        (thousandths <= 1000).then_some(Self(thousandths))
    }
}

/// The elements of a header that is a list, without those that are empty (RFC 9110, section 5.6.1).
#[inline]
pub(crate) fn elements(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        loop {
            let (element, next) = cut(rest?, b',');
            rest = next;
            if !element.is_empty() {
                return Some(element);
            }
        }
    })
}

/// Cuts a text at the first such byte outside of quotes, and the white space off what is before. Quotes that don't end
/// go to the text's end.
#[inline]
pub(crate) fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    let (mut quoted, mut escaped) = (false, false);
    for (index, byte) in text.iter().enumerate() {
        match *byte {
            b'"' if !escaped => quoted = !quoted,
            byte if byte == at && !quoted => return (trim(&text[..index]), Some(&text[index + 1..])),
            _ => {}
        }
        escaped = quoted && *byte == b'\\' && !escaped;
    }
    (trim(text), None)
}

#[inline]
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// RFC 9110, section 5.6.2.
#[inline]
fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by it")]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;

    const TEXT: Format = Format::TEXT_0_0_4;
    const TEXT_1: Format = Format::TEXT_1_0_0;
    const OLD: Format = Format::OPENMETRICS_0_0_1;
    const OPENMETRICS: Format = Format::OPENMETRICS_1_0_0;
    const PROTOBUF: Format = Format::PROTOBUF;

    /// The clause that asks for protobuf.
    const PROTO: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    fn negotiated(accept: &str) -> Format {
        Format::negotiate([accept])
    }

    #[track_caller]
    fn gets(cases: &[(&str, Format)]) {
        for &(accept, format) in cases {
            assert_eq!(negotiated(accept), format, "{accept}");
        }
    }

    #[test]
    fn scrapers_and_other_readers_get_what_they_ask_for() {
        let utf8 = |format: Format| format.with_escaping(Escaping::AllowUtf8);
        let proto = |rest: &str| format!("{PROTO};{rest}");
        let cases = [
            // Prometheus 1.
            (
                proto(
                    "q=0.7,text/plain;version=0.0.4;q=0.3,\
                     application/json;schema=\"prometheus/telemetry\";version=0.0.2;q=0.2,*/*;q=0.1",
                ),
                PROTOBUF,
            ),
            // 2.0 to 2.4.
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1".to_owned(), TEXT),
            // 2.5 to 2.40.
            ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1".to_owned(), OLD),
            // 2.42, by default and with native histograms; also Datadog's agent and Grafana's.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
                    .to_owned(),
                OPENMETRICS,
            ),
            (
                format!(
                    "{PROTO},application/openmetrics-text;version=1.0.0;q=0.8,\
                     application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
                ),
                PROTOBUF,
            ),
            // 3, by default, with native histograms, with names of the old kind, and where only text is wanted; Grafana
            // Alloy too.
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                 application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                 text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
                    .to_owned(),
                utf8(OPENMETRICS),
            ),
            (
                proto(
                    "escaping=allow-utf-8;q=0.7,\
                     application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                     application/openmetrics-text;version=0.0.1;q=0.5,\
                     text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                ),
                utf8(PROTOBUF),
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,\
                 application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=underscores;q=0.3,\
                 text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
                    .to_owned(),
                OPENMETRICS,
            ),
            ("text/plain;version=1.0.0;escaping=values;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1".to_owned(), {
                TEXT_1.with_escaping(Escaping::Values)
            }),
            // VictoriaMetrics' vmagent, netdata.
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1".to_owned(), TEXT),
            // Telegraf, and its later versions.
            (proto("q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"), PROTOBUF),
            (proto("q=0.7,text/plain;version=0.0.4;q=0.3"), PROTOBUF),
            // Vector.
            ("text/plain".to_owned(), TEXT),
            // curl, wget, Python's requests and urllib, Go's client, a health check of Kubernetes.
            ("*/*".to_owned(), TEXT),
            (String::new(), TEXT),
            // Firefox, Chrome, Safari.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8".to_owned(), TEXT),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,\
                 application/signed-exchange;v=b3;q=0.7"
                    .to_owned(),
                TEXT,
            ),
            // Java's URLConnection.
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2".to_owned(), TEXT),
            ("application/json".to_owned(), TEXT),
        ];
        for (accept, format) in cases {
            assert_eq!(negotiated(&accept), format, "{accept}");
        }
        assert_eq!(Format::negotiate(Vec::<&str>::new()), TEXT);
    }

    #[test]
    fn a_version_is_matched_whole_and_its_absence_is_the_oldest() {
        gets(&[
            ("text/plain", TEXT),
            ("text/plain;version=0.0.4", TEXT),
            ("text/plain;version=1.0.0", TEXT_1),
            ("application/openmetrics-text", OLD),
            ("application/openmetrics-text;version=0.0.1", OLD),
            ("application/openmetrics-text;version=1.0.0", OPENMETRICS),
            ("application/openmetrics-text;version=2.0.0", TEXT),
            ("application/openmetrics-text;version=1.0", TEXT),
            ("application/openmetrics-text;version=1.0.0.0", TEXT),
            ("application/openmetrics-text;version=0.0.4", TEXT),
            ("application/openmetrics-text;version=\"\"", TEXT),
            ("application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=0.0.1;q=0.1", OLD),
            ("application/openmetrics-text;version=1.0.0;charset=utf-8", OPENMETRICS),
            ("application/openmetrics-text;version=1.0.0;charset=UTF-8", OPENMETRICS),
            ("application/openmetrics-text;version=1.0.0;charset=iso-8859-1", TEXT),
            ("text/plain;version=1.0.0;charset=iso-8859-1,application/openmetrics-text;q=0.1", OLD),
        ]);
    }

    #[test]
    fn the_highest_weight_wins_wherever_it_stands() {
        gets(&[
            ("text/plain;q=0.5,application/openmetrics-text;version=1.0.0;q=0.501", OPENMETRICS),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.9", TEXT),
            ("application/openmetrics-text;version=1.0.0;q=0.1,application/openmetrics-text;version=0.0.1;q=0.2", OLD),
            ("application/openmetrics-text;q=0.5;version=1.0.0,text/plain;q=0.4", OPENMETRICS),
            ("text/plain;q=0.001,application/openmetrics-text;q=0", TEXT),
            ("application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.8", TEXT),
        ]);
    }

    #[test]
    fn of_equal_weights_the_first_wins_and_within_a_type_the_one_with_more_parameters() {
        gets(&[
            ("text/plain,application/openmetrics-text;version=1.0.0", TEXT),
            ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4", OPENMETRICS),
            ("text/plain;version=1.0.0,text/plain;version=0.0.4", TEXT_1),
            ("text/plain,text/plain;version=1.0.0", TEXT_1),
            ("text/plain,application/openmetrics-text,text/plain;version=1.0.0", TEXT_1),
            ("*/*,application/openmetrics-text;version=1.0.0", OPENMETRICS),
            ("text/*,application/openmetrics-text", OLD),
            ("*/*,application/*", OLD),
            ("application/openmetrics-text;q=0.5,application/openmetrics-text;version=1.0.0;q=0.5", OPENMETRICS),
        ]);
    }

    #[test]
    fn a_range_stands_for_the_plainest_that_it_fits() {
        gets(&[
            ("*/*", TEXT),
            ("text/*", TEXT),
            ("application/*", OLD),
            ("text/*;q=0.5,application/*;q=0.4", TEXT),
            ("text/*;version=1.0.0", TEXT_1),
            ("application/*;version=1.0.0", OPENMETRICS),
            ("*/*;q=0.1", TEXT),
        ]);
    }

    #[test]
    fn the_closest_clause_decides_what_a_format_weighs() {
        gets(&[
            ("text/plain;q=0.3,*/*;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5", OPENMETRICS),
            ("text/*;q=0.9,text/plain;q=0.2,application/openmetrics-text;q=0.5", OLD),
            ("text/plain;q=0.9,text/plain;version=0.0.4;q=0.2,application/openmetrics-text;q=0.5", OLD),
            ("text/plain;version=0.0.4;q=0.2,text/plain;q=0.9,application/openmetrics-text;q=0.5", OLD),
            (
                "text/plain;version=0.0.4;charset=utf-8;q=0.2,text/plain;version=0.0.4,\
                 application/openmetrics-text;q=0.5",
                OLD,
            ),
            ("text/plain;q=0.3,*/*;q=0.5", TEXT),
            // The same clause twice.
            ("text/plain;q=0.2,text/plain;q=0.8,application/openmetrics-text;q=0.5", TEXT),
        ]);
    }

    #[test]
    fn what_is_refused_is_not_sent_while_anything_else_is_accepted() {
        gets(&[
            ("text/plain;q=0,application/openmetrics-text;q=0.1", OLD),
            ("text/plain;q=0,*/*;q=0.1", OLD),
            ("text/plain;q=0.000,*/*", OLD),
            ("text/plain;version=0.0.4;q=0,text/*", TEXT_1),
            ("application/openmetrics-text;version=0.0.1;q=0,application/openmetrics-text", OPENMETRICS),
            ("application/openmetrics-text;q=0,application/openmetrics-text;version=1.0.0", OPENMETRICS),
            ("application/openmetrics-text;version=1.0.0;q=0,application/openmetrics-text", OLD),
            ("text/*;q=0,application/openmetrics-text;q=0,*/*", TEXT),
            ("text/plain;q=0", TEXT),
            ("*/*;q=0", TEXT),
            ("application/vnd.google.protobuf;q=0,application/openmetrics-text;q=0.1", OLD),
            (&format!("application/vnd.google.protobuf;q=0,{PROTO};q=0.1"), PROTOBUF),
            // These refuse something else.
            ("text/plain;format=flowed;q=0,*/*", TEXT),
            ("text/plain;charset=iso-8859-1;q=0,*/*", TEXT),
            ("text/plain;version=0.0.3;q=0,*/*", TEXT),
            ("text/plain;escaping=rot13;q=0,*/*", TEXT),
        ]);
    }

    #[test]
    fn protobuf_is_only_for_those_who_can_read_this_one() {
        gets(&[
            (PROTO, PROTOBUF),
            ("application/vnd.google.protobuf", TEXT),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily", TEXT),
            ("application/vnd.google.protobuf;encoding=delimited", TEXT),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", TEXT),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text", TEXT),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.metricfamily;encoding=delimited", TEXT),
            ("application/vnd.google.protobuf;proto=openmetrics.MetricSet;encoding=delimited", TEXT),
            ("application/openmetrics-protobuf;version=1.0.0", TEXT),
            (
                "APPLICATION/vnd.Google.Protobuf;Encoding=\"delimited\";PROTO=\"io.prometheus.client.MetricFamily\"",
                PROTOBUF,
            ),
            (&format!("{PROTO};escaping=dots"), PROTOBUF.with_escaping(Escaping::Dots)),
            (&format!("application/openmetrics-text;q=0.5,{PROTO};q=0.5"), OLD),
        ]);
    }

    #[test]
    fn an_escaping_is_of_its_own_clause_and_one_of_ours() {
        let escaped = |escaping| OPENMETRICS.with_escaping(escaping);
        gets(&[
            ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8", escaped(Escaping::AllowUtf8)),
            ("application/openmetrics-text;version=1.0.0;escaping=underscores", escaped(Escaping::Underscores)),
            ("application/openmetrics-text;version=1.0.0;escaping=dots", escaped(Escaping::Dots)),
            ("application/openmetrics-text;escaping=values;version=1.0.0", escaped(Escaping::Values)),
            ("application/openmetrics-text;version=1.0.0", OPENMETRICS),
            ("application/openmetrics-text;version=1.0.0;escaping=rot13", OPENMETRICS),
            ("application/openmetrics-text;version=1.0.0;escaping=\"allow-utf-8\"", escaped(Escaping::AllowUtf8)),
            // It has no names in quotes.
            ("text/plain;version=0.0.4;escaping=allow-utf-8", TEXT),
            ("application/openmetrics-text;version=1.0.0,text/plain;version=1.0.0;escaping=dots;q=0.5", OPENMETRICS),
            ("image/png;escaping=dots,application/openmetrics-text;version=1.0.0;q=0.5", OPENMETRICS),
            ("image/png;version=1.0.0,application/openmetrics-text;q=0.5", OLD),
            // Each escaping weighs for itself.
            (
                "application/openmetrics-text;version=1.0.0;escaping=dots;q=0.3,\
                 application/openmetrics-text;version=1.0.0;q=0.9",
                OPENMETRICS,
            ),
            (
                "application/openmetrics-text;version=1.0.0;q=0.3,\
                 application/openmetrics-text;version=1.0.0;escaping=dots;q=0.9",
                escaped(Escaping::Dots),
            ),
            (
                "application/openmetrics-text;version=1.0.0,\
                 application/openmetrics-text;version=1.0.0;escaping=values",
                escaped(Escaping::Values),
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=dots,\
                 application/openmetrics-text;version=1.0.0;escaping=values",
                escaped(Escaping::Dots),
            ),
        ]);
    }

    #[test]
    fn what_is_malformed_is_skipped_and_nothing_else() {
        for malformed in [
            "text",
            "/",
            "text/",
            "/plain",
            "*",
            "*/plain",
            "te xt/plain",
            "text/pl\u{e4}in",
            "text/plain/x",
            "text/plain;version",
            "text/plain;version=",
            "text/plain;=0.0.4",
            "text/plain; version = 0.0.4",
            "text/plain;version=0.0.4;version=0.0.4",
            "text/plain;version=0.0.4;VERSION=1.0.0",
            "text/plain;charset=utf-8;charset=utf-8",
            "text/plain;q=1;q=1",
            "text/plain;q=",
            "text/plain;q=2",
            "text/plain;q=1.001",
            "text/plain;q=0.1234",
            "text/plain;q=-1",
            "text/plain;q=.5",
            "text/plain;q=0,5",
            "text/plain;q=0.5x",
            "text/plain;q=\"1\"",
            "text/plain;q=NaN",
            "text/plain;version=\"0.0.4",
            "text/plain;version=\"0.0.4\\\"",
            "text/plain;version=\"0.0\".4\"",
            "text/plain;version=0.0.4\"",
            "text/plain;a b=c",
        ] {
            let accept = format!("application/openmetrics-text;q=0.1,{malformed}");
            assert_eq!(negotiated(&accept), OLD, "{accept}");
        }
        gets(&[
            (",,  ,application/openmetrics-text,,", OLD),
            ("\tapplication/openmetrics-text \t;\t version=1.0.0 ;; ; q=0.9 ;", OPENMETRICS),
            ("Application/OpenMetrics-Text;Version=1.0.0;Q=0.9,text/plain;q=0.8", OPENMETRICS),
            ("application/openmetrics-text;version=\"1\\.0.\\0\",text/plain;q=0.9", OPENMETRICS),
            ("application/openmetrics-text;a=\"x,text/plain;q=1\";q=0.5", OLD),
            ("application/openmetrics-text;a=\"\\\",text/plain\";q=0.5", OLD),
            ("application/openmetrics-text;a=b;q=0.5,text/plain;q=0.4", OLD),
            ("application/openmetrics-text;q=1.,text/plain;q=0.4", OLD),
        ]);
        let bytes: &[u8] = b"application/openmetrics-text;q=0.5,\xff\xfe/\x80;\xc3=1";
        assert_eq!(Format::negotiate([bytes]), OLD);
    }

    #[test]
    fn several_headers_are_one_list() {
        let headers = ["text/plain;q=0.5", "application/openmetrics-text;version=1.0.0;q=0.9,*/*;q=0.1", ""];
        assert_eq!(Format::negotiate(headers), OPENMETRICS);
        assert_eq!(Format::negotiate(["text/plain;a=\"", "application/openmetrics-text;q=0.5"]), OLD);
    }

    const FORMATS: [Format; 5] = [TEXT, TEXT_1, OLD, OPENMETRICS, PROTOBUF];

    /// Clauses that are for nothing that there is.
    const FOREIGN: [&str; 12] = [
        "image/png",
        "text/html;q=1",
        "application/json;q=0",
        "text/plain;version=9.9.9",
        "text/plain;version=0.0.3;q=0",
        "text/plain;charset=latin1",
        "application/openmetrics-text;version=<script>",
        "application/openmetrics-text;version=1.0",
        "application/vnd.google.protobuf",
        "application/vnd.google.protobuf;proto=x;encoding=delimited;q=0",
        "text/plain;q=7",
        "*",
    ];

    fn clauses() -> impl Strategy<Value = Vec<String>> {
        let ranges = select(vec![
            "*/*",
            "text/*",
            "application/*",
            "text/plain",
            "text/plain;version=0.0.4",
            "text/plain;version=1.0.0",
            "application/openmetrics-text",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;version=1.0.0",
            PROTO,
        ]);
        let parameters = select(vec!["", ";charset=utf-8", ";escaping=dots", ";escaping=allow-utf-8", ";escaping=x"]);
        let weights = prop_oneof![Just(String::new()), (0..=10_u32).prop_map(|q| format!(";q={}.{}", q / 10, q % 10))];
        let clause = (ranges, parameters, weights).prop_map(|(range, parameter, q)| format!("{range}{parameter}{q}"));
        prop::collection::vec(clause, 0..8)
    }

    /// The same by the letter of RFC 9110, one thing after the other: every clause against every choice.
    fn by_the_letter(clauses: &[String]) -> Vec<Option<u16>> {
        let part = |clause: &str, name: &str| {
            clause.split(';').skip(1).find_map(|parameter| parameter.strip_prefix(name).map(str::to_owned))
        };
        let mut weights = Vec::new();
        for format in FORMATS {
            let content = format.content_type();
            let of = content.split(';').next().unwrap();
            for escaping in ["underscores", "allow-utf-8", "dots", "values"] {
                let mut best: Option<((usize, bool, bool, bool), u16)> = None;
                for clause in clauses {
                    let range = clause.split(';').next().unwrap();
                    let r#type = match range {
                        "*/*" => 0,
                        _ if range.ends_with("/*") && of.starts_with(&range[..range.len() - 1]) => 1,
                        _ if range == of => 2,
                        _ => continue,
                    };
                    let q = part(clause, "q=").map_or(1000, |q| q.replace('.', "").parse::<u16>().unwrap() * 100);
                    let version = part(clause, "version=");
                    let asked = part(clause, "escaping=");
                    let known = asked.as_deref().filter(|asked| *asked != "x");
                    let proto = format == PROTOBUF;
                    let foreign =
                        version.as_deref().is_some_and(|version| !content.contains(&format!("version={version}")))
                            || known.is_some_and(|known| known != escaping)
                            || (q == 0 && asked.is_some() && known.is_none())
                            || (proto && r#type < 2 && q > 0);
                    let exact = version.is_some() || clause.contains("proto=");
                    let specificity = (r#type, exact, known.is_some(), clause.contains("charset="));
                    if !foreign && best.is_none_or(|best| best < (specificity, q)) {
                        best = Some((specificity, q));
                    }
                }
                weights.push(best.map(|(_, q)| q));
            }
        }
        weights
    }

    /// What a format weighs, of these. Where there are no names in quotes, who asks for them gets the other.
    fn weight(weights: &[Option<u16>], format: Format) -> u16 {
        let plain = FORMATS.iter().position(|of| of.with_escaping(format.escaping()) == format).unwrap();
        let same =
            ESCAPINGS.iter().enumerate().filter(|(_, escaping)| FORMATS[plain].with_escaping(**escaping) == format);
        same.filter_map(|(at, _)| weights[plain * 4 + at]).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn whatever_is_asked_the_answer_is_one_of_ours(
            headers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..4)
        ) {
            let format = Format::negotiate(&headers);
            prop_assert!(FORMATS.iter().any(|of| of.with_escaping(format.escaping()) == format));
        }

        #[test]
        fn near_misses_are_answered_too(text in "[ ,;=*/\"\\\\q.0-9a-z\t-]{0,80}") {
            let format = negotiated(&text);
            prop_assert!(FORMATS.iter().any(|of| of.with_escaping(format.escaping()) == format));
        }

        #[test]
        fn a_clause_for_nothing_that_there_is_changes_nothing(
            clauses in clauses(), foreign in prop::collection::vec((select(&FOREIGN[..]), any::<Index>()), 1..4)
        ) {
            let before = negotiated(&clauses.join(","));
            let mut more = clauses;
            for (clause, at) in foreign {
                more.insert(at.index(more.len() + 1), clause.to_owned());
            }
            prop_assert_eq!(negotiated(&more.join(", ")), before, "{:?}", more);
        }

        #[test]
        fn it_does_not_matter_how_the_list_is_cut_into_headers_and_written(clauses in clauses(), at in any::<Index>()) {
            let format = negotiated(&clauses.join(","));
            let (one, other) = clauses.split_at(at.index(clauses.len() + 1));
            prop_assert_eq!(Format::negotiate([one.join(","), other.join(" ,\t")]), format);
            prop_assert_eq!(negotiated(&clauses.join(" , ").replace(';', " ;\t")), format);
            prop_assert_eq!(negotiated(&clauses.join(",").replace("text/", "TEXT/").replace(";q=", ";Q=")), format);
        }

        /// Of all that is accepted, a wildcard alone stands for nothing but the plainest.
        #[test]
        fn what_is_chosen_weighs_as_much_as_anything_that_is_named(clauses in clauses()) {
            let chosen = negotiated(&clauses.join(","));
            let weights = by_the_letter(&clauses);
            let weight = weight(&weights, chosen);
            let accepts_any = weights.iter().any(|weight| weight.is_some_and(|weight| weight > 0));
            prop_assert!(weight > 0 || !accepts_any, "{:?} {:?}", clauses, chosen);
            if !accepts_any {
                prop_assert_eq!(chosen, TEXT);
            }
            for clause in &clauses {
                let only = by_the_letter(std::slice::from_ref(clause));
                let accepted = |weight: &Option<u16>| weight.is_some_and(|weight| weight > 0);
                let Some(named) = only.iter().position(accepted) else { continue };
                // The first of what the clause is for, unless something else decides about that one.
                if clause.contains("version=") || clause.contains("proto=") {
                    prop_assert!(weights[named].unwrap_or(0) <= weight, "{:?} {:?} {}", clauses, chosen, clause);
                }
            }
        }
    }
}
