//! What a registry holds: collectors, and what they described.

use std::iter;
use std::ops::Range;
use std::sync::Arc;

use crate::collector::{Collected, Collector};
use crate::descriptor::{Descriptor, DescriptorRef, Site};
use crate::linked::Entry;
use crate::sort::{search, sort_by};

/// A collector in a registry.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) id: u64,
    pub(super) collector: &'a dyn Collector,
    /// Of a collector that is no metric of ours.
    custom: Option<&'a Custom>,
    /// That of its first family.
    place: u32,
    left_out: &'a [u32],
}

impl<'a> Member<'a> {
    /// Its families, and whether each stays.
    pub(super) fn families(self) -> impl Iterator<Item = (DescriptorRef<'a>, bool)> {
        let mut index = 0;
        iter::from_fn(move || {
            let family = match self.custom {
                None if index > 0 => return None,
                None => self.collector.__descriptor()?,
                Some(custom) => custom.families.get(index as usize)?,
            };
            let place = self.place + index;
            index += 1;
            Some((family, self.left_out.binary_search(&place).is_err()))
        })
    }

    /// Whether it is a metric of ours.
    pub(super) fn is_own(self) -> bool {
        self.custom.is_none()
    }

    /// Where it is marked or registered.
    pub(super) fn site(&self) -> Site {
        let own = || self.collector.__descriptor().map_or_else(Site::caller, |family| family.site());
        self.custom.map_or_else(own, |custom| custom.site)
    }
}

/// What is registered.
#[derive(Clone)]
pub(super) enum Registrant {
    /// A metric of ours.
    Own(Arc<dyn Collector>),
    /// One place of somebody else's collector: that of the family with this number.
    Custom(Arc<Custom>, u32),
}

/// Somebody else's collector.
pub(super) struct Custom {
    pub(super) collector: Arc<dyn Collector>,
    pub(super) families: Described,
    pub(super) site: Site,
}

/// The families of a collector.
pub(super) enum Described {
    Families(Vec<Descriptor>),
    /// Of a collector of this crate, which need not be asked.
    Known(&'static [DescriptorRef<'static>]),
}

impl Described {
    pub(super) fn iter(&self) -> impl Iterator<Item = DescriptorRef<'_>> {
        let mut index = 0;
        iter::from_fn(move || {
            index += 1;
            self.get(index - 1)
        })
    }

    pub(super) fn get(&self, index: usize) -> Option<DescriptorRef<'_>> {
        match self {
            Self::Families(families) => families.get(index).map(DescriptorRef::from),
            Self::Known(families) => families.get(index).copied(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Families(families) => families.len(),
            Self::Known(families) => families.len(),
        }
    }
}

/// A marked collector that is no metric of ours.
struct Linked(&'static dyn Collector);

impl Collector for Linked {
    fn describe(&self) -> Vec<Descriptor> {
        self.0.describe()
    }

    fn collect(&self, out: &mut Collected) {
        self.0.collect(out);
    }
}

/// All members, in the order in which they came: first the linked ones.
///
/// Each family has a place, which is a number in that order; a collector without any has one all the same.
#[derive(Clone, Default)]
pub(super) struct Members {
    linked: &'static [Entry],
    /// The places of families that don't stay, since they collide with earlier ones: of linked ones, and of what the
    /// global registry has from the start. They rise.
    left_out: Vec<u32>,
    /// By numbers, which rise by one. What has gone leaves its places empty, so that those of the others stay theirs.
    registered: Vec<(u64, Option<Registrant>)>,
    empty: usize,
    next_id: u64,
}

impl Members {
    pub(super) fn of_linked(linked: &'static [Entry]) -> Self {
        let mut members = Self { linked, next_id: linked.len() as u64, ..Self::default() };
        let metrics = linked.iter().filter_map(Entry::metric).filter(|metric| metric.__descriptor().is_none());
        let custom = metrics.map(|metric| {
            let families = metric.describe();
            let described = || families.first().map(Descriptor::site);
            let site = metric.__site().or_else(described).unwrap_or_else(Site::caller);
            let families = Described::Families(families);
            (std::ptr::from_ref(metric).addr(), Custom { collector: Arc::new(Linked(metric)), families, site })
        });
        let mut custom: Vec<_> = custom.collect();
        // Which of two is the earlier must depend on the source alone: they may give the same family, which nobody
        // knows before they are asked. And the linker may keep a section twice.
        sort_by(&mut custom, |(at, a), (other, b)| {
            (a.site.crate_name(), a.site, at).cmp(&(b.site.crate_name(), b.site, other))
        });
        custom.dedup_by_key(|(at, _)| *at);
        for (_, custom) in custom {
            members.push_custom(custom);
        }
        members
    }

    /// The family that has a place, behind those of which this was said before, doesn't stay.
    pub(super) fn leave_out(&mut self, place: u32) {
        self.left_out.push(place);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Member<'_>> {
        let mut places = 0..self.end();
        iter::from_fn(move || places.find_map(|place| self.member(place)))
    }

    /// Whether a mark of a crate is among them.
    pub(super) fn has_crate(&self, name: &str) -> bool {
        let of_crate = |site: Site| site.crate_name() == Some(name);
        // What a marked function gives, nobody knows before it is asked.
        self.iter().any(|member| of_crate(member.site()) || member.families().any(|(it, _)| of_crate(it.site())))
    }

    pub(super) fn get(&self, id: u64) -> Option<Member<'_>> {
        self.member(self.place(id)?)
    }

    /// The member whose first place this is.
    fn member(&self, place: u32) -> Option<Member<'_>> {
        let (id, collector, custom) = if let Some(entry) = self.linked.get(place as usize) {
            let metric = entry.metric().filter(|metric| metric.__descriptor().is_some())?;
            (u64::from(place), metric, None)
        } else {
            match self.registered.get(place as usize - self.linked.len())? {
                (id, Some(Registrant::Own(metric))) => (*id, &**metric, None),
                (id, Some(Registrant::Custom(custom, 0))) => (*id, &*custom.collector, Some(&**custom)),
                (_, Some(Registrant::Custom(..)) | None) => return None,
            }
        };
        Some(Member { id, collector, custom, place, left_out: &self.left_out })
    }

    /// The family that has a place.
    pub(super) fn family(&self, place: u32) -> Option<DescriptorRef<'_>> {
        let place = place as usize;
        if let Some(entry) = self.linked.get(place) {
            return entry.metric()?.__descriptor();
        }
        match self.registered.get(place - self.linked.len())?.1.as_ref()? {
            Registrant::Own(collector) => collector.__descriptor(),
            Registrant::Custom(custom, index) => custom.families.get(*index as usize),
        }
    }

    /// The place of the next one.
    pub(super) fn end(&self) -> u32 {
        let end = self.linked.len() + self.registered.len();
        u32::try_from(end).expect("so many families don't fit into memory")
    }

    /// Takes a metric of ours in; gives its number.
    pub(super) fn push_own(&mut self, metric: Arc<dyn Collector>) -> u64 {
        self.push(Registrant::Own(metric))
    }

    /// Takes somebody else's collector in; gives its number.
    pub(super) fn push_custom(&mut self, custom: Custom) -> u64 {
        let custom = Arc::new(custom);
        let id = self.push(Registrant::Custom(Arc::clone(&custom), 0));
        for (index, _) in (0..).zip(custom.families.iter()).skip(1) {
            self.push(Registrant::Custom(Arc::clone(&custom), index));
        }
        id
    }

    fn push(&mut self, registrant: Registrant) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.registered.push((id, Some(registrant)));
        id
    }

    /// The places of what is registered with a number.
    pub(super) fn places(&self, id: u64) -> Range<u32> {
        let places = self.place(id).and_then(|place| {
            let families = match self.registered.get((place as usize).checked_sub(self.linked.len())?)? {
                (_, Some(Registrant::Own(_))) => 1,
                (_, Some(Registrant::Custom(custom, _))) => custom.families.len().max(1),
                (_, None) => 0,
            };
            Some(place..place + u32::try_from(families).ok()?)
        });
        places.unwrap_or_default()
    }

    /// Takes what stands at a place out.
    pub(super) fn take(&mut self, place: u32) -> Option<Registrant> {
        let gone = self.registered.get_mut((place as usize).checked_sub(self.linked.len())?)?.1.take();
        self.empty += usize::from(gone.is_some());
        if let Ok(at) = self.left_out.binary_search(&place) {
            self.left_out.remove(at);
        }
        gone
    }

    /// Once most places are empty, closes the gaps and gives the new place of each old one.
    pub(super) fn compact(&mut self) -> Option<Vec<u32>> {
        if 2 * self.empty <= self.registered.len() + FEW {
            return None;
        }
        let linked = u32::try_from(self.linked.len()).ok()?;
        let mut places = Vec::new();
        for place in 0..linked {
            places.push(place);
        }
        let mut next = linked;
        for (_, there) in &self.registered {
            places.push(next);
            next += u32::from(there.is_some());
        }
        for left_out in &mut self.left_out {
            *left_out = places.get(*left_out as usize).copied().unwrap_or(*left_out);
        }
        self.registered.retain(|(_, registrant)| registrant.is_some());
        self.empty = 0;
        Some(places)
    }

    /// Where a number stands.
    fn place(&self, id: u64) -> Option<u32> {
        let linked = self.linked.len();
        if id < linked as u64 {
            return u32::try_from(id).ok();
        }
        let position = search(self.registered.len(), &|at| self.registered[at].0.cmp(&id)).ok()?;
        u32::try_from(linked + position).ok()
    }
}

/// How many empty places more than full ones are no reason to close gaps.
const FEW: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::__private::FunctionCollector;

    #[test]
    fn marked_functions_stand_once_in_the_order_of_the_source_and_for_their_crate() {
        const fn collector(line: u32, collect: fn(&mut Collected)) -> FunctionCollector {
            FunctionCollector::new(Site::of_mark(("a.rs", line, 1), "only_collects::disks", None), collect)
        }
        static FIRST: FunctionCollector = collector(1, |_| {});
        static SECOND: FunctionCollector = collector(2, |_| {});
        for linked in [[&FIRST, &SECOND, &FIRST], [&SECOND, &FIRST, &SECOND]] {
            let entries: Vec<Entry> = linked.iter().map(|collector| Entry::new(*collector)).collect();
            let members = Members::of_linked(entries.leak());
            assert_eq!(members.iter().map(|member| member.site().line()).collect::<Vec<_>>(), [1, 2]);
            assert!(members.has_crate("only_collects") && !members.has_crate("disks"));
        }
    }
}
