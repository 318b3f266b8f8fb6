//! Looking into `requestParameters` and `resources` without building a tree of them.

use std::borrow::Cow;

use sonic_rs::{JsonType, JsonValueTrait, LazyValue};

/// The members of an object, found in one walk: most that are asked for aren't there.
///
/// A dotted path leads into them: `a.b` is a member of a member, `a[]` each element of a list.
#[derive(Debug)]
pub(super) struct Members<'v>(Vec<(Cow<'v, str>, LazyValue<'v>)>);

impl<'v> Members<'v> {
    /// None where the value is no object.
    pub(super) fn of(value: Option<&LazyValue<'v>>) -> Self {
        let object = value.filter(|value| JsonValueTrait::is_object(*value));
        let Some(members) = object.cloned().and_then(LazyValue::into_object_iter) else {
            return Self(Vec::new());
        };
        let mut own = Vec::with_capacity(8);
        own.extend(members.flatten());
        Self(own)
    }

    /// The texts that a path leads to. Numbers are taken as they print.
    pub(super) fn texts(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        let step = Step::of(path);
        if let Some(value) = self.member(step.name) {
            step.follow(value, &mut found);
        }
        found
    }

    /// Whether a path leads to anything but null, nothing, or what is empty.
    pub(super) fn exists(&self, path: &str) -> bool {
        let step = Step::of(path);
        self.member(step.name).is_some_and(|value| step.reaches(value))
    }

    /// All texts at the top, or in a list there, that are ARNs.
    pub(super) fn arns(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (_, member) in &self.0 {
            match member.get_type() {
                JsonType::String => {
                    found.extend(member.as_str().filter(|text| is_arn(text)).map(str::to_owned));
                }
                _ => collect(member, &mut found),
            }
        }
        found.retain(|text| is_arn(text));
        found
    }

    fn member(&self, name: &str) -> Option<&LazyValue<'v>> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

/// The first step of a path.
struct Step<'p> {
    name: &'p str,
    each: bool,
    rest: &'p str,
}

impl<'p> Step<'p> {
    fn of(path: &'p str) -> Self {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        match step.strip_suffix("[]") {
            Some(name) => Self { name, each: true, rest },
            None => Self { name: step, each: false, rest },
        }
    }

    /// From the member that the step names onwards.
    fn follow(&self, value: &LazyValue<'_>, found: &mut Vec<String>) {
        let mut onwards = |value: &LazyValue<'_>| {
            if self.rest.is_empty() {
                return collect(value, found);
            }
            let step = Step::of(self.rest);
            if let Some(next) = value.get(step.name) {
                step.follow(&next, found);
            }
        };
        if !self.each {
            onwards(value);
        } else if let Some(items) = value.clone().into_array_iter() {
            items.flatten().for_each(|item| onwards(&item));
        }
    }

    fn reaches(&self, value: &LazyValue<'_>) -> bool {
        let onwards = |value: &LazyValue<'_>| {
            if self.rest.is_empty() {
                return is_something(value);
            }
            let step = Step::of(self.rest);
            value.get(step.name).is_some_and(|next| step.reaches(&next))
        };
        if !self.each {
            return onwards(value);
        }
        let items = value.clone().into_array_iter();
        items.is_some_and(|mut items| items.any(|item| item.is_ok_and(|item| onwards(&item))))
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:")
}

fn is_something(value: &LazyValue<'_>) -> bool {
    match value.get_type() {
        JsonType::Null => false,
        JsonType::Boolean => value.as_bool() == Some(true),
        _ => !matches!(value.as_raw_str(), "\"\"" | "{}" | "[]"),
    }
}

fn collect(value: &LazyValue<'_>, found: &mut Vec<String>) {
    match value.get_type() {
        JsonType::String => found.extend(value.as_str().map(str::to_owned)),
        JsonType::Number => found.push(value.as_raw_str().to_owned()),
        JsonType::Array => {
            if let Some(items) = value.clone().into_array_iter() {
                for item in items.flatten().filter(JsonValueTrait::is_str) {
                    collect(&item, found);
                }
            }
        }
        _ => {}
    }
}

/// The ARNs of `resources`, whose member is spelled in two ways.
pub(super) fn resource_arns(value: Option<&LazyValue<'_>>) -> Vec<String> {
    let Some(items) =
        value.filter(|value| JsonValueTrait::is_array(*value)).cloned().and_then(LazyValue::into_array_iter)
    else {
        return Vec::new();
    };
    let arn = |item: LazyValue<'_>| {
        item.get("ARN").or_else(|| item.get("arn")).and_then(|arn| arn.as_str().map(str::to_owned))
    };
    items.flatten().filter_map(arn).collect()
}
