//! The resources of one action, bounded: beyond a number they are folded into patterns.
//!
//! There are levels of folding, each a function of the level before it. The level in force is the lowest at which the
//! resources are few enough, so it depends on which resources there are and not on the order in which they came.
//! How many are few enough may only ever become less, for the same reason.

use std::collections::HashMap;

use jiff::Timestamp;

use super::bounded::{Tally, short};
use super::generalise::{FEW, is_id};
use crate::iam::arn::Arn;
use crate::iam::cloudtrail::Call;
use crate::iam::evaluate::Target;

/// How many resources of one action are told apart.
const MANY: usize = 500;
/// How many resources of one kind of denial are told apart: they are for a person to read.
const MANY_DENIED: usize = 50;
/// How many resources of all actions together are told apart, or a few of each action.
const IN_ALL: usize = 100_000;
/// How many segments behind the first are kept, level by level; ids are folded from the first level on.
const DEPTHS: [usize; 5] = [usize::MAX, 4, 2, 1, 0];
/// At this level all resources of a service in one account and region are one; at the next, those of all accounts.
const WHOLE: usize = DEPTHS.len() + 1;
/// At this level, which no honest log reaches, nothing is known but that there were resources.
const NOTHING: usize = WHOLE + 2;
/// The longest name of a resource that is kept: no ARN is longer.
const LONGEST: usize = 2048;

/// How often something was seen, when first and last, and the event that was first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
    /// The `eventID` of the first; of several at one time, the least.
    pub example: String,
}

impl Use {
    /// So many of one call.
    pub fn of(call: &Call, times: u64) -> Self {
        Self { count: times, first: call.time, last: call.time, example: short(&call.id).to_owned() }
    }

    pub(super) fn add(&mut self, call: &Call<'_>, times: u64) {
        self.count += times;
        self.last = self.last.max(call.time);
        let id = short(&call.id);
        if (call.time, id) < (self.first, &self.example) {
            self.first = call.time;
            id.clone_into(&mut self.example);
        }
    }
}

impl Tally for Use {
    fn times(&self) -> u64 {
        self.count
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        self.last = self.last.max(other.last);
        if (other.first, &other.example) < (self.first, &self.example) {
            self.first = other.first;
            self.example = other.example;
        }
    }
}

/// Resources, each with its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    many: usize,
    level: usize,
    seen: HashMap<Target, Use>,
}

/// How many resources of one action are told apart where there are so many actions.
pub(super) fn many(actions: usize) -> usize {
    (IN_ALL / actions.max(1)).clamp(FEW, MANY)
}

impl Default for Resources {
    fn default() -> Self {
        Self { many: MANY, level: 0, seen: HashMap::new() }
    }
}

impl Resources {
    /// The one resource of a denial.
    pub(super) fn of_denial(target: &Target, call: &Call, times: u64) -> Self {
        let mut resources = Self { many: MANY_DENIED, ..Self::default() };
        resources.add(target, call, times);
        resources
    }

    /// Tells no more than so many apart.
    pub(super) fn restrict(&mut self, many: usize) {
        self.many = self.many.min(many);
        self.fold();
    }

    /// Each resource, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Target, &Use)> {
        self.seen.iter()
    }

    /// Each resource, in order.
    pub fn sorted(&self) -> impl Iterator<Item = (&Target, &Use)> {
        super::sorted(Some(self))
    }

    /// Whether there were so many that some are patterns.
    pub fn is_folded(&self) -> bool {
        self.level > 0
    }

    pub(super) fn add(&mut self, target: &Target, call: &Call<'_>, times: u64) {
        let target = match target {
            Target::Named(name) if name.len() > LONGEST => &Target::Unknown,
            target => target,
        };
        let folded = (self.level > 0).then(|| folded(target, self.level));
        let target = folded.as_ref().unwrap_or(target);
        if let Some(uses) = self.seen.get_mut(target) {
            return uses.add(call, times);
        }
        self.seen.insert(target.clone(), Use::of(call, times));
        self.fold();
    }

    fn put(&mut self, target: Target, uses: Use) {
        match self.seen.get_mut(&target) {
            Some(own) => own.join(uses),
            None => {
                self.seen.insert(target, uses);
            }
        }
    }

    fn fold(&mut self) {
        while self.seen.len() > self.many && self.level < NOTHING {
            self.raise(self.level + 1);
        }
    }

    fn raise(&mut self, level: usize) {
        self.level = level;
        for (target, uses) in std::mem::take(&mut self.seen) {
            self.put(folded(&target, level), uses);
        }
    }
}

impl Tally for Resources {
    fn times(&self) -> u64 {
        self.seen.values().map(|uses| uses.count).sum()
    }

    fn join(&mut self, other: Self) {
        self.many = self.many.min(other.many);
        if other.level > self.level {
            self.raise(other.level);
        }
        for (target, uses) in other.seen {
            self.put(folded(&target, self.level), uses);
        }
        self.fold();
    }
}

/// A target at a level; folding it again at a higher one is folding the original there.
fn folded(target: &Target, level: usize) -> Target {
    match target {
        Target::Named(_) if level >= NOTHING => Target::Unknown,
        Target::Named(name) if level > 0 => Target::Named(fold_name(name, level)),
        Target::Named(_) | Target::Unknown => target.clone(),
    }
}

fn fold_name(name: &str, level: usize) -> String {
    let Some(arn) = Arn::parse(name) else { return name.to_owned() };
    if level > WHOLE {
        return format!("arn:{}:{}:*:*:*", arn.partition, arn.service);
    }
    let head = &name[..name.len() - arn.resource.len()];
    let several = arn.resource.contains(['/', ':']);
    if level == WHOLE {
        let kind = arn.resource.split_inclusive(['/', ':']).next().unwrap_or_default();
        let kept = if several && arn.service != "s3" { kind } else { "" };
        return format!("{head}{kept}*");
    }
    let depth = DEPTHS[level - 1].saturating_add(1);
    let mut out = head.to_owned();
    for (at, piece) in arn.resource.split_inclusive(['/', ':']).enumerate() {
        if at == depth {
            out.push('*');
            break;
        }
        let segment = piece.trim_end_matches(['/', ':']);
        out.push_str(if at > 0 && is_id(segment) { "*" } else { segment });
        out.push_str(&piece[segment.len()..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_is_a_function_of_the_one_before_it() {
        let names = [
            "arn:aws:s3:::b/2026/10/06/x/y/z.gz",
            "arn:aws:s3:::b",
            "arn:aws:s3:::b/k",
            "arn:aws:s3:::b/d//e/",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0",
            "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/f:log-stream:2026/10/06/[$LATEST]0123456789abcdef",
            "arn:aws:sqs:eu-west-1:1:queue",
            "*",
        ];
        for name in names {
            for low in 0..=NOTHING {
                for high in low..=NOTHING {
                    let direct = folded(&Target::Named(name.into()), high);
                    let twice = folded(&folded(&Target::Named(name.into()), low), high);
                    assert_eq!(direct, twice, "{name} {low} {high}");
                }
            }
        }
    }

    #[test]
    fn the_account_and_the_region_stay_as_long_as_they_can() {
        let name = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0";
        assert_eq!(fold_name(name, 1), "arn:aws:ec2:eu-west-1:111122223333:instance/*");
        assert_eq!(fold_name("arn:aws:s3:::b/a/b/c", 4), "arn:aws:s3:::b/a/*");
        assert_eq!(fold_name("arn:aws:s3:::b/a/b/c", 5), "arn:aws:s3:::b/*");
        assert_eq!(fold_name("arn:aws:s3:::b/a/b/c", WHOLE), "arn:aws:s3:::*");
    }
}
