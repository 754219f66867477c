//! Who is in a registry, and which names are taken: all checks before any change.

use std::sync::Arc;

use super::conflict::Collision;
use super::constant::ConstLabels;
use super::member::{Custom, Described, Members, Registrant};
use super::names::Names;
use crate::collector::Collector;
use crate::collectors::{BuildInfo, Process};
use crate::linked::Entry;

#[derive(Default)]
pub(super) struct State {
    pub(super) members: Members,
    /// The same for gathers, if nothing has changed since the last one.
    pub(super) shared: Option<Arc<Members>>,
    pub(super) names: Names,
    pub(super) collisions: Vec<Collision>,
    pub(super) provided: Provided,
}

/// The numbers of the collectors that the global registry has from the start.
#[derive(Clone, Copy, Default)]
pub(super) struct Provided {
    pub(super) process: Option<u64>,
    pub(super) build_info: Option<u64>,
}

impl Provided {
    /// Puts them behind the linked ones, so that of two families that collide the marked one stays.
    fn put_into(members: &mut Members) -> Self {
        let process = cfg!(target_os = "linux").then(|| {
            let families = Described::Known(Process::families());
            members.push_custom(Custom { collector: Arc::new(Process::new()), families, site: Process::SITE })
        });
        Self { process, build_info: Some(members.push_own(Arc::new(BuildInfo::new()))) }
    }
}

impl State {
    pub(super) fn of_linked(entries: &'static [Entry]) -> Self {
        let mut members = Members::of_linked(entries);
        let provided = Provided::put_into(&mut members);
        let mut names = Names::with_capacity(members.end() as usize);
        let mut found = Vec::new();
        for place in 0..members.end() {
            let known = |place| members.family(place);
            let Some(family) = known(place) else { continue };
            let (stays, rivals) = names.add(family, place, &known);
            Collision::push_all(&rivals, family, &known, &mut found);
            if !stays {
                members.leave_out(place);
            }
        }
        Self { members, names, collisions: found, provided, shared: None }
    }

    /// Takes a metric of ours in, unless it collides with something.
    pub(super) fn take_in_own(
        &mut self,
        metric: Arc<dyn Collector>,
        const_labels: &ConstLabels,
    ) -> Result<u64, Vec<Collision>> {
        let Self { members, names, .. } = self;
        if let Some(family) = &metric.__descriptor() {
            if let Some(label) = const_labels.clash(*family) {
                return Err(vec![Collision::of_label(label, const_labels.site(), *family)]);
            }
            let known = |place| members.family(place);
            if let Err(rivals) = names.claim(family, members.end(), &known) {
                let mut found = Vec::new();
                Collision::push_all(&rivals, *family, &known, &mut found);
                return Err(found);
            }
        }
        self.shared = None;
        Ok(self.members.push_own(metric))
    }

    /// Takes somebody else's collector in, unless a family of it collides with something, or two of its own do.
    pub(super) fn take_in(
        &mut self,
        custom: Custom,
        const_labels: &ConstLabels,
    ) -> Result<u64, (Vec<Collision>, Custom)> {
        let Self { members, names, .. } = self;
        let known = |place| members.family(place);
        let families = || (0..).zip(custom.families.iter());
        let own = |index: u32| custom.families.get(index as usize);
        let (mut own_names, mut found) = (Names::default(), Vec::new());
        for (index, family) in families() {
            if let Some(label) = const_labels.clash(family) {
                found.push(Collision::of_label(label, const_labels.site(), family));
            }
            Collision::push_all(&names.rivals(family, &known), family, &known, &mut found);
            let (_, rivals) = own_names.add(family, index, &own);
            Collision::push_all(&rivals, family, &own, &mut found);
        }
        if !found.is_empty() {
            return Err((found, custom));
        }
        let end = members.end();
        for (index, family) in families() {
            // None of them collides with another, but names must be read to know.
            names.add(family, end + index, &|place| place.checked_sub(end).map_or_else(|| known(place), own));
        }
        self.shared = None;
        Ok(self.members.push_custom(custom))
    }

    /// Takes a collector out and frees its names. It collided with nothing, or it would not have been registered, so
    /// nothing else changes. Only what the registry had from the start may collide, and it is the later one then.
    pub(super) fn release(&mut self, id: u64) -> Vec<Registrant> {
        self.shared = None;
        let Self { members, names, collisions, .. } = self;
        let places = members.places(id);
        for place in places.clone() {
            if let Some(family) = members.family(place) {
                names.remove(family.stem(), place);
                collisions.retain(|collision| !collision.is_of(family));
            }
        }
        let mut released = Vec::new();
        for place in places {
            if let Some(registrant) = members.take(place) {
                released.push(registrant);
            }
        }
        if let Some(places) = members.compact() {
            names.renumber(&places);
        }
        released
    }
}
