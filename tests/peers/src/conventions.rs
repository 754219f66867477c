//! Names and help texts: what `testing::lint` says of them is what promtool says.

use std::collections::BTreeSet;

use tallymark::exposition::text;
use tallymark::testing::{Rule, lint};
use tallymark::{Collected, Collector, Descriptor, Registry};

use crate::checks::{Checks, Result};
use crate::promtool;

/// Of no two does one add to the other what a sample's name would. Of two units in one name promtool reports either.
const NAMES: &[&str] = &[
    "a",
    "b_total",
    "c_count",
    "d_sum",
    "e_bucket",
    "f_created",
    "g_info",
    "h_total_bytes",
    "i_count_total",
    "counter",
    "gauge_a",
    "k_counter",
    "k_counter_x",
    "l_gauge_total",
    "l_Gauge_y",
    "m_histogram",
    "n_summary_total",
    "o_counters",
    "p_histogram_summary",
    "q_gauge_histogram",
    "r_untyped",
    "seconds",
    "s_seconds",
    "sa_seconds_total",
    "t_minutes",
    "ta_minutes_total",
    "u_hours",
    "v_days",
    "w_weeks",
    "x_milliseconds",
    "x_nanoseconds_total",
    "y_picoseconds",
    "z_kiloseconds",
    "aa_bytes",
    "ab_kilobytes",
    "ac_kibibytes",
    "ad_mibibytes",
    "ae_bits",
    "af_gigabits",
    "ag_celsius",
    "ah_fahrenheit",
    "ai_kelvins",
    "aj_rankine",
    "ak_meters",
    "al_kilometres",
    "am_inches",
    "an_yards_total",
    "ao_miles",
    "ap_thermometers",
    "aq_calories",
    "ar_pounds",
    "as_ounces",
    "at_kilograms",
    "au_millivolts",
    "av_amperes",
    "aw_joules",
    "ax_s",
    "ay_ms",
    "az_us_total",
    "ba_ns",
    "bb_sec",
    "bc_b",
    "bd_kb",
    "be_mb_x",
    "bf_gb",
    "bg_tb",
    "bh_pb",
    "bi_m",
    "bj_h",
    "bk_d_total",
    "bl_MS",
    "ms",
    "s",
    "bm_s_h",
    "bn_cs",
    "job:bo",
    "bp:ms_total",
    "bqCamel",
    "brCamel_total",
    "BS_UPPER",
    "btX_ms",
    "bu_2Xs",
    "Minutes_bv",
    "bw__ms",
];

/// Families of one type, with each of these names; every third without a help text.
struct Families {
    give: Give,
}

/// Gives a family with a name and a help text.
type Give = fn(&mut Collected, &str, &str);

impl Collector for Families {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        for (index, name) in NAMES.iter().enumerate() {
            (self.give)(out, name, if index.is_multiple_of(3) { "" } else { "Help." });
        }
    }
}

/// One with a label in camelCase, one without.
const LABELS: [[(&str, &str); 1]; 2] = [[("statusCode", "a")], [("status", "a")]];

fn labels(name: &str) -> [(&'static str, &'static str); 1] {
    LABELS[usize::from(name.len().is_multiple_of(2))]
}

const KINDS: &[(&str, Give)] = &[
    ("counters", |out, name, help| {
        out.counter(name, help).series(labels(name), 1);
    }),
    ("gauges", |out, name, help| {
        out.gauge(name, help).series(labels(name), 1);
    }),
    ("histograms", |out, name, help| {
        out.histogram(name, help).histogram_series(labels(name), [(1.0, 1)], 1.0);
    }),
    ("summaries", |out, name, help| {
        out.summary(name, help).summary_series(labels(name), 1, 1.0, [(0.5, 1.0)]);
    }),
    ("numbers of no type", |out, name, help| {
        out.unknown(name, help).series(labels(name), 1);
    }),
];

pub(crate) fn check(checks: &mut Checks) {
    for (kinds, give) in KINDS {
        checks.run(&format!("promtool finds in names of {kinds} what our lint finds"), || compare(*give));
    }
}

fn compare(give: Give) -> Result<String> {
    let registry = Registry::new();
    registry.register(Families { give })?;
    let ours: BTreeSet<(String, String)> = lint(&registry)
        .iter()
        // Its version in Debian 12 doesn't look at timestamps yet.
        .filter(|problem| problem.rule() != Rule::Timestamp)
        .map(|problem| (problem.metric().to_owned(), format!("{:?}", problem.rule())))
        .collect();
    let (_, said) = promtool::said_of(&text::encode(&registry.gather()))?;
    let mut theirs = BTreeSet::new();
    for line in said.lines() {
        let (name, text) = line.split_once(' ').ok_or_else(|| format!("promtool says `{line}`"))?;
        let rule = rule(text).ok_or_else(|| format!("promtool says `{line}`, which is no rule of ours"))?;
        theirs.insert((name.to_owned(), format!("{rule:?}")));
    }
    let (only_ours, only_theirs): (Vec<_>, Vec<_>) =
        (ours.difference(&theirs).collect(), theirs.difference(&ours).collect());
    if only_ours.is_empty() && only_theirs.is_empty() {
        Ok(format!("{} names, {} verdicts", registry.gather().len(), ours.len()))
    } else {
        Err(format!("only ours: {only_ours:?}; only promtool's: {only_theirs:?}").into())
    }
}

/// Of the text of a problem.
pub(crate) fn rule(text: &str) -> Option<Rule> {
    let rules = [
        ("no help text", Rule::Help),
        ("use base unit", Rule::BaseUnit),
        ("\"_total\"", Rule::Total),
        ("\"_bucket\"", Rule::ReservedSuffix),
        ("\"_sum\"", Rule::ReservedSuffix),
        ("\"_count\"", Rule::ReservedSuffix),
        ("\"le\" label", Rule::ReservedLabel),
        ("\"quantile\" label", Rule::ReservedLabel),
        ("include type", Rule::TypeInName),
        ("':'", Rule::Colon),
        ("snake_case", Rule::SnakeCase),
        ("abbreviated", Rule::AbbreviatedUnit),
    ];
    rules.iter().find(|(part, _)| text.contains(part)).map(|(_, rule)| *rule)
}
