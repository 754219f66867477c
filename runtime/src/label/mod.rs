//! Typed labels: what one value is, and what a set of them is.
//!
//! A label value is *finite* (an enum, `bool`, `Option` of them) or *open* (text, integers). A finite value has an
//! index; a set of finite values has the mixed-radix number of its values' indices, so that its series is found by
//! arithmetic. An open value is found by its text.

mod rendering;
mod set;
mod texts;
mod tuple;
mod value;

pub(crate) use self::rendering::{Rendered, Rendering};
pub use self::set::{Labels, Positional};
pub use self::texts::LabelTexts;
pub use self::tuple::LabelTuple;
pub(crate) use self::tuple::MAX_LABELS;
pub use self::value::{Displayed, Held, LabelValue, Outcome};

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<T: LabelTuple>(tuple: &T) -> Vec<String> {
        LabelTexts::of(|out| tuple.write(out)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_finite_set_is_counted_and_numbered() {
        type Set = (bool, Option<bool>, bool);
        assert_eq!((Set::FINITE, Set::OPEN, Set::LENGTH), (12, false, 3));
        let mut seen = Vec::new();
        for a in [false, true] {
            for b in [None, Some(false), Some(true)] {
                for c in [false, true] {
                    let set = (a, b, c);
                    assert_eq!(set.index(), seen.len());
                    let by_index = LabelTexts::of(|out| Set::write_index(set.index(), out));
                    assert_eq!(by_index, LabelTexts::of(|out| set.write(out)));
                    seen.push(set);
                }
            }
        }
        assert_eq!(seen.len(), Set::FINITE);
    }

    #[test]
    fn an_open_label_reads_other_past_the_limit() {
        type Set = (&'static str, bool, u8);
        assert_eq!((Set::FINITE, Set::OPEN), (2, true));
        let overflow = LabelTexts::of(|out| Set::write_index(("x", true, 7).index(), out));
        assert_eq!(*overflow, ["other".into(), "true".into(), "other".into()]);
    }

    #[test]
    fn each_label_has_a_text() {
        assert_eq!(texts(&("ab", "c", 7_u8)), ["ab", "c", "7"]);
        assert_eq!(texts(&("", "")), ["", ""]);
        assert_eq!(texts(&("",)), [""]);
        assert_eq!(texts(&()), Vec::<String>::new());
    }
}
