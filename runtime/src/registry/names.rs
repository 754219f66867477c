//! Which family takes which name.
//!
//! A family takes its base and some suffixes of it, and two families collide where one takes a name of the other. Both
//! have the same stem then, so the table knows stems alone, and names are compared, in the parts in which they stand,
//! only among families with the same one.
//!
//! A name of any characters is read otherwise by a scraper that doesn't ask for UTF-8, so it takes two: as it is, and as that one
//! reads it, which of a state set is as it reads a label's. The stem is that of the latter, which is the same for all
//! that could collide by either.

use crate::descriptor::{Claim, DescriptorRef};
use crate::name::Stem;
use crate::sort::search;

/// The names that families take, and the families that stay: of two that collide the earlier.
///
/// Families are known by their places, which are numbers in the order in which they came. Who calls knows what stands
/// at a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Open addressing: a family stands in the first free slot behind that of its stem. At least half are free.
    slots: Vec<Slot>,
    taken: usize,
    /// Of the families that don't stay the suffixes, a bit each, with which they stand for what takes that name.
    /// By places, which rise.
    left_out: Vec<(u32, u8)>,
}

/// What stands at each place.
pub(super) type Known<'a> = dyn Fn(u32) -> Option<DescriptorRef<'a>> + 'a;

/// The stem and the place of a family; 0 is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot(u64);

/// A family with which another collides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rival {
    pub(super) place: u32,
    /// The first suffix of the other one with which its base is a name that both take.
    pub(super) suffix: &'static str,
}

impl Names {
    /// With room for so many families.
    pub(super) fn with_capacity(families: usize) -> Self {
        let slots = (2 * families).next_power_of_two().max(SMALLEST);
        Self { slots: vec![Slot::default(); slots], ..Self::default() }
    }

    /// What a family would collide with, in the order in which those came.
    #[cold]
    pub(super) fn rivals(&self, family: DescriptorRef<'_>, known: &Known<'_>) -> Vec<Rival> {
        let mut rivals: Vec<Rival> = Vec::new();
        let claim = family.claim();
        for place in self.alike(family.stem()) {
            let Some(other) = known(place) else { continue };
            let other = other.claim();
            let mut suffixes = family.kind().suffixes().iter().copied();
            if let Some(suffix) = suffixes.find(|suffix| self.stands_for(place, &other, &claim, suffix) != [false; 2]) {
                let (Ok(at) | Err(at)) = search(rivals.len(), &|at| rivals[at].place.cmp(&place));
                rivals.insert(at, Rival { place, suffix });
            }
        }
        rivals
    }

    /// Takes a family's names unless it collides with one that is there. It is passed by reference, since reading what has
    /// just been copied takes longer than all else here.
    pub(super) fn claim(
        &mut self,
        family: &DescriptorRef<'_>,
        place: u32,
        known: &Known<'_>,
    ) -> Result<(), Vec<Rival>> {
        let stem = family.stem();
        self.make_room();
        let (free, alone) = self.free(stem);
        if !alone {
            let rivals = self.rivals(*family, known);
            if !rivals.is_empty() {
                return Err(rivals);
            }
        }
        self.put(free, Slot::of(stem, place));
        Ok(())
    }

    /// Takes a family's names; says whether it stays, and what it collides with. It stays unless that is one that
    /// stays.
    pub(super) fn add(&mut self, family: DescriptorRef<'_>, place: u32, known: &Known<'_>) -> (bool, Vec<Rival>) {
        let Err(rivals) = self.claim(&family, place, known) else { return (true, Vec::new()) };
        let stays = rivals.iter().all(|rival| self.left_out(rival.place).is_ok());
        let mut bits = u8::MAX;
        if !stays {
            // Of those called alike that don't stay, the first stands for all.
            let claim = family.claim();
            let stood_for = |place: u32, suffix: &str| {
                known(place).is_some_and(|other| {
                    other.name().same("", family.name(), "")
                        && self.stands_for(place, &other.claim(), &claim, suffix) == [true; 2]
                })
            };
            bits = 0;
            for (bit, suffix) in family.kind().suffixes().iter().enumerate() {
                if !self.alike(family.stem()).any(|place| stood_for(place, suffix)) {
                    bits |= 1 << bit;
                }
            }
            let (Ok(at) | Err(at)) = self.left_out(place);
            self.left_out.insert(at, (place, bits));
        }
        if bits != 0 {
            let (free, _) = self.free(family.stem());
            self.put(free, Slot::of(family.stem(), place));
        }
        (stays, rivals)
    }

    /// Frees the names of a family.
    pub(super) fn remove(&mut self, stem: Stem, place: u32) {
        if let Ok(at) = self.left_out(place) {
            self.left_out.remove(at);
        }
        if self.slots.is_empty() {
            return;
        }
        let mut free = self.home(stem);
        while self.slots[free] != Slot::of(stem, place) {
            if self.slots[free].is_free() {
                return;
            }
            free = self.next(free);
        }
        self.taken -= 1;
        // What stands behind moves up, unless that were in front of the slot of its stem.
        let mut at = self.next(free);
        while !self.slots[at].is_free() {
            let distance = |from: usize| at.wrapping_sub(from) & (self.slots.len() - 1);
            if distance(self.home(self.slots[at].stem())) >= distance(free) {
                self.slots[free] = self.slots[at];
                free = at;
            }
            at = self.next(at);
        }
        self.slots[free] = Slot::default();
    }

    /// Gives each family the new place that stands at its old one.
    pub(super) fn renumber(&mut self, places: &[u32]) {
        let new = |place: u32| places.get(place as usize).copied().unwrap_or(place);
        for slot in self.slots.iter_mut().filter(|slot| !slot.is_free()) {
            *slot = Slot::of(slot.stem(), new(slot.place()));
        }
        for (place, _) in &mut self.left_out {
            *place = new(*place);
        }
    }

    /// Where a place stands among those of families that don't stay, or would.
    fn left_out(&self, place: u32) -> Result<usize, usize> {
        search(self.left_out.len(), &|at| self.left_out[at].0.cmp(&place))
    }

    /// Whether the family at a place, which is `own`, stands for the names that `family` makes with a suffix: of each pair
    /// of bases whether it does.
    fn stands_for(&self, place: u32, own: &Claim<'_>, family: &Claim<'_>, suffix: &str) -> [bool; 2] {
        let bits = self.left_out(place).map_or(u8::MAX, |at| self.left_out[at].1);
        let (theirs, bases) = (own.bases(), family.bases());
        [0, 1].map(|at| {
            let mut suffixes = own.kind().suffixes().iter().enumerate();
            suffixes.any(|(bit, own_suffix)| bits & (1 << bit) != 0 && theirs[at].same(own_suffix, bases[at], suffix))
        })
    }

    /// The places of the families with this stem.
    fn alike(&self, stem: Stem) -> impl Iterator<Item = u32> {
        let mut at = self.home(stem);
        std::iter::from_fn(move || {
            loop {
                let slot = self.slots.get(at).filter(|slot| !slot.is_free())?;
                at = self.next(at);
                if slot.stem() == stem {
                    return Some(slot.place());
                }
            }
        })
    }

    /// Where a family with this stem can stand, and whether it is the only one with it.
    fn free(&self, stem: Stem) -> (usize, bool) {
        let (mut at, mut alone) = (self.home(stem), true);
        while !self.slots[at].is_free() {
            alone &= self.slots[at].stem() != stem;
            at = self.next(at);
        }
        (at, alone)
    }

    fn put(&mut self, at: usize, slot: Slot) {
        self.slots[at] = slot;
        self.taken += 1;
    }

    fn make_room(&mut self) {
        if 2 * (self.taken + 1) > self.slots.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let slots = Self::with_capacity(self.taken + 1).slots;
        for slot in std::mem::replace(&mut self.slots, slots) {
            if !slot.is_free() {
                let (free, _) = self.free(slot.stem());
                self.slots[free] = slot;
            }
        }
    }

    fn home(&self, stem: Stem) -> usize {
        stem.number() as usize & self.slots.len().wrapping_sub(1)
    }

    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

/// Slots of a table with anything in it.
const SMALLEST: usize = 16;

impl Slot {
    fn of(stem: Stem, place: u32) -> Self {
        Self(u64::from(stem.number()) << 32 | (u64::from(place) + 1))
    }

    fn is_free(self) -> bool {
        self.0 == 0
    }

    fn stem(self) -> Stem {
        Stem::numbered((self.0 >> 32) as u32)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half is the place and one")]
    fn place(self) -> u32 {
        (self.0 as u32) - 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::descriptor::{Descriptor, MetricKind, Outline, Site};
    use crate::name::{MetricName, SAMPLE_SUFFIXES, is_plain_label, is_plain_metric, underscored};

    /// Families by their places.
    #[derive(Default)]
    struct Book<'a> {
        names: Names,
        families: Vec<DescriptorRef<'a>>,
    }

    /// Where each rival stands, and the name that both take.
    type Found = Vec<(u32, String)>;

    impl<'a> Book<'a> {
        fn add(&mut self, family: DescriptorRef<'a>) -> (bool, Found) {
            let place = self.next();
            let (stays, rivals) = self.names.add(family, place, &|place| self.families.get(place as usize).copied());
            self.families.push(family);
            (stays, found(family, rivals))
        }

        fn claim(&mut self, family: DescriptorRef<'a>) -> Result<u32, Found> {
            let place = self.next();
            let claimed = self.names.claim(&family, place, &|place| self.families.get(place as usize).copied());
            claimed.map_err(|rivals| found(family, rivals))?;
            self.families.push(family);
            Ok(place)
        }

        fn next(&self) -> u32 {
            self.families.len().try_into().unwrap()
        }
    }

    fn found(family: DescriptorRef<'_>, rivals: Vec<Rival>) -> Found {
        rivals.into_iter().map(|rival| (rival.place, format!("{}{}", family.base(), rival.suffix))).collect()
    }

    /// The same by maps of all names in full.
    #[derive(Default)]
    struct Model {
        /// By each name taken, the families that take it; of those called alike, the first.
        takers: HashMap<Taken, Vec<u32>>,
        families: Vec<(String, bool)>,
    }

    impl Model {
        fn rivals(&self, family: DescriptorRef<'_>) -> Found {
            let mut rivals = BTreeMap::new();
            for names in names_taken(family) {
                for &taker in names.iter().filter_map(|name| self.takers.get(name)).flatten() {
                    rivals.entry(taker).or_insert_with(|| names[1].1.clone());
                }
            }
            rivals.into_iter().collect()
        }

        fn add(&mut self, family: DescriptorRef<'_>) -> (bool, Found) {
            let rivals = self.rivals(family);
            let stays = rivals.iter().all(|(rival, _)| !self.families[*rival as usize].1);
            let place = self.families.len().try_into().unwrap();
            let alike = |taker: &u32| *family.name().text() == self.families[*taker as usize].0;
            for names in names_taken(family) {
                let stood_for = |name| self.takers.get(name).is_some_and(|takers: &Vec<u32>| takers.iter().any(alike));
                if stays || !names.iter().all(stood_for) {
                    for name in names {
                        self.takers.entry(name).or_default().push(place);
                    }
                }
            }
            self.families.push((family.name().to_string(), stays));
            (stays, rivals)
        }

        fn remove(&mut self, place: u32) {
            for takers in self.takers.values_mut() {
                takers.retain(|taker| *taker != place);
            }
        }
    }

    /// A name, and whether it is the one for those who ask for UTF-8.
    type Taken = (bool, String);

    /// Every name that a family takes: its own, and those of its samples in any format, each for who doesn't ask for
    /// UTF-8 and for who does.
    fn names_taken(family: DescriptorRef<'_>) -> Vec<[Taken; 2]> {
        let name = family.name().to_string();
        let states = family.kind() == MetricKind::StateSet;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || (c == ':' && !states);
        let read: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
        let read = if read.starts_with(|c: char| c.is_ascii_digit()) { format!("_{}", &read[1..]) } else { read };
        let (ending, suffixes): (&str, &[&str]) = match family.kind() {
            MetricKind::Counter => ("_total", &["", "_total", "_created"]),
            MetricKind::Gauge | MetricKind::StateSet | MetricKind::Unknown => ("", &[""]),
            MetricKind::Histogram => ("", &["", "_bucket", "_sum", "_count", "_created"]),
            MetricKind::Summary => ("", &["", "_sum", "_count", "_created"]),
            MetricKind::Info => ("_info", &["", "_info"]),
            MetricKind::GaugeHistogram => ("", &["", "_bucket", "_gsum", "_gcount"]),
        };
        let base = |name: &str| name.strip_suffix(ending).unwrap_or(name).to_owned();
        let taken = |suffix: &&str| [(false, base(&read)), (true, base(&name))].map(|(to, base)| (to, base + suffix));
        suffixes.iter().map(taken).collect()
    }

    fn kind() -> impl Strategy<Value = MetricKind> {
        use MetricKind::{Counter, Gauge, GaugeHistogram, Histogram, Info, StateSet, Summary, Unknown};
        prop::sample::select(vec![Counter, Gauge, Histogram, Summary, Info, StateSet, GaugeHistogram, Unknown])
    }

    /// Few names, so that many collide; some are what their suffixes say, and some are in parts.
    fn family() -> impl Strategy<Value = DescriptorRef<'static>> {
        let suffix = prop::sample::select(SAMPLE_SUFFIXES.to_vec());
        let suffixes = prop_oneof![4 => Just(0..=0), 4 => Just(1..=1), 2 => Just(2..=3)]
            .prop_flat_map(move |count| prop::collection::vec(suffix.clone(), count));
        let head = prop::sample::select(vec!["", "", "a", "b_sum", "_"]);
        let rest = "([a-d]|[.:ä1_]|sum|total|created|info){1,2}|a[.:_](b|sum|total)";
        let rest = (rest, suffixes).prop_map(|(rest, suffixes)| format!("{rest}{}", suffixes.concat()));
        let rest = rest.prop_filter("reserved", |rest| MetricName::utf8(rest.clone()).is_ok());
        (kind(), head, rest).prop_map(|(kind, head, rest)| {
            let rest: &'static str = rest.leak();
            // A crate's name stands before plain ones alone.
            let plain = is_plain_metric(rest) && (kind != MetricKind::StateSet || is_plain_label(rest));
            let read = underscored(rest, true).into_owned();
            let head = if plain { head } else { "" };
            let utf8 = || Outline::utf8(rest, read.leak(), Site::caller());
            let outline = if plain { Outline::new(head, rest, Site::caller()) } else { utf8() };
            let outline = Box::leak(Box::new(outline));
            let marked = DescriptorRef::of_mark(outline, kind, &[]);
            if head.is_empty() { DescriptorRef::from(&*Box::leak(Box::new(marked.to_descriptor()))) } else { marked }
        })
    }

    #[derive(Clone, Debug)]
    enum Step {
        Claim(DescriptorRef<'static>),
        Remove(Index),
    }

    proptest! {
        #[test]
        fn collisions_are_those_of_a_map_of_all_names(
            linked in prop::collection::vec(family(), 0..30),
            steps in prop::collection::vec(
                prop_oneof![3 => family().prop_map(Step::Claim), 1 => any::<Index>().prop_map(Step::Remove)],
                0..60,
            ),
        ) {
            let (mut book, mut model) = (Book::default(), Model::default());
            for family in linked {
                prop_assert_eq!(book.add(family), model.add(family));
            }
            let mut claimed = Vec::new();
            for step in steps {
                match step {
                    Step::Claim(family) => {
                        let rivals = model.rivals(family);
                        let result = book.claim(family);
                        prop_assert_eq!(result.clone().err().unwrap_or_default(), rivals);
                        if let Ok(place) = result {
                            model.add(family);
                            claimed.push(place);
                        }
                    }
                    Step::Remove(_) if claimed.is_empty() => {}
                    Step::Remove(index) => {
                        let place = claimed.swap_remove(index.index(claimed.len()));
                        book.names.remove(book.families[place as usize].stem(), place);
                        model.remove(place);
                    }
                }
            }
        }
    }

    fn descriptors<const N: usize>(families: [(&'static str, MetricKind); N]) -> [Descriptor; N] {
        families.map(|(name, kind)| Descriptor::new(kind, name, "Help.").unwrap())
    }

    #[test]
    fn of_several_called_alike_the_one_that_stays_is_known() {
        use MetricKind::{Counter, Gauge};
        let all = descriptors([("x_created", Gauge), ("x_total", Counter), ("x_total", Gauge), ("x_total", Gauge)]);
        let mut book = Book::default();
        let added: Vec<_> = all.iter().map(|family| book.add(family.into())).collect();
        assert_eq!(added.iter().map(|(stays, _)| *stays).collect::<Vec<_>>(), [true, false, true, false]);
        assert_eq!(added.iter().map(|(_, rivals)| rivals.len()).sum::<usize>(), 4);
    }

    #[test]
    fn every_collision_is_found_and_the_earlier_family_stays() {
        use MetricKind::{Counter, Gauge, Histogram};
        let all = descriptors([
            ("x", Histogram),
            ("x_count", Gauge),
            ("x_count_total", Counter),
            ("y", Gauge),
            ("y", Gauge),
            ("y", Gauge),
        ]);
        let mut book = Book::default();
        let added: Vec<_> = all.iter().map(|family| book.add(family.into())).collect();
        assert_eq!(added.iter().map(|(_, rivals)| rivals.len()).sum::<usize>(), 5);
        assert_eq!(added.iter().map(|(stays, _)| *stays).collect::<Vec<_>>(), [true, false, false, true, false, false]);
    }
}
