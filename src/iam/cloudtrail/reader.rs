//! From a record's bytes to a call.

use jiff::Timestamp;

use super::call::{Apart, Call};
use super::filter::Filter;
use super::framing::{Broken, MAX_DEPTH, is_shallow};
use super::needs::{Mapper, service_of_source};
use super::record::{Raw, parse};
use super::{caller, circumstances, ending};

/// What a record turned out to be.
#[derive(Debug)]
pub enum Seen<'r> {
    /// A call that was asked for.
    Call(Box<Call<'r>>),
    /// A call that the filter leaves out. A data event of another caller still tells that the log has them.
    Filtered {
        /// The prefix of the service, for a data event within the window.
        data_event_of: Option<String>,
    },
    /// No call.
    Apart(Apart),
}

impl Seen<'_> {
    /// The same, apart from its record.
    fn into_owned(self) -> Seen<'static> {
        match self {
            Self::Call(call) => Seen::Call(Box::new(call.into_owned())),
            Self::Filtered { data_event_of } => Seen::Filtered { data_event_of },
            Self::Apart(apart) => Seen::Apart(apart),
        }
    }
}

/// Reads records, and remembers which authorisations an event needs.
#[derive(Debug, Default)]
pub struct Reader {
    mapper: Mapper,
    circumstances: bool,
}

impl Reader {
    /// A reader that leaves [`Call::context`] empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader that also tells the condition keys, as a replay needs them.
    pub fn with_circumstances() -> Self {
        Self { circumstances: true, ..Self::default() }
    }

    /// Reads one record that begins at byte `at` of its stream. A record that isn't JSON is an error; JSON that is no
    /// record is counted apart.
    pub fn read<'r>(&mut self, record: &'r str, at: u64, filter: &Filter) -> Result<Seen<'r>, Broken> {
        let broken = |(offset, reason): (usize, String)| Broken::Malformed { at: at + offset as u64, reason };
        let Some(raw) = parse(record).map_err(broken)? else { return Ok(Seen::Apart(Apart::NotAnEvent)) };
        let Some(wrapped) = raw.wrapped.get() else { return Ok(self.judge(&raw, filter)) };
        if is_deep(wrapped) {
            return Err(Broken::TooDeep { at });
        }
        let inner = |(offset, reason)| Broken::Malformed {
            at,
            reason: format!("CloudTrailEvent, byte {offset} of its text: {reason}"),
        };
        match parse(wrapped).map_err(inner)? {
            Some(raw) => Ok(self.judge(&raw, filter).into_owned()),
            None => Ok(Seen::Apart(Apart::NotAnEvent)),
        }
    }

    fn judge<'r>(&mut self, raw: &Raw<'r>, filter: &Filter) -> Seen<'r> {
        let (Some(source), Some(name)) = (raw.source.cow(), raw.name.cow()) else {
            let digest = raw.digest.get().is_some();
            return Seen::Apart(if digest { Apart::Digest } else { apart(raw).unwrap_or(Apart::NotAnEvent) });
        };
        if let Some(apart) = apart(raw) {
            return Seen::Apart(apart);
        }
        let Some(time) = raw.time.get().and_then(|time| time.parse::<Timestamp>().ok()) else {
            return Seen::Apart(Apart::NotAnEvent);
        };
        let region = raw.region.cow().unwrap_or_default();
        if !filter.admits_time(time) || !filter.admits_region(&region) {
            return Seen::Filtered { data_event_of: None };
        }
        let caller::Caller { arn: caller, role, account } = caller::of(raw);
        if !filter.admits_caller(caller.as_deref(), role.as_deref(), account.as_deref()) {
            return Seen::Filtered {
                data_event_of: is_data_event(raw).then(|| service_of_source(&source).to_owned()),
            };
        }
        let context = if self.circumstances {
            circumstances::of(raw, role.as_deref(), account.as_deref())
        } else {
            Vec::new()
        };
        Seen::Call(Box::new(Call {
            id: raw.id.cow().unwrap_or_default(),
            time,
            ending: ending::of(raw.error_code.get(), raw.error_message.get().is_some()),
            needs: self.mapper.needs(raw, &source, &name, account.as_deref()),
            source,
            name,
            region,
            data_event: is_data_event(raw),
            account,
            caller,
            role,
            context,
        }))
    }
}

fn apart(raw: &Raw<'_>) -> Option<Apart> {
    match (raw.kind.get(), raw.category.get()) {
        (Some("AwsCloudTrailInsight"), _) | (_, Some("Insight")) => Some(Apart::Insight),
        (Some("AwsVpceEvent"), _) | (_, Some("NetworkActivity")) => Some(Apart::NetworkActivity),
        (Some("AwsServiceEvent"), _) => Some(Apart::ServiceEvent),
        _ => None,
    }
}

fn is_data_event(raw: &Raw<'_>) -> bool {
    raw.category.get() == Some("Data") || (raw.category.get().is_none() && raw.management == Some(false))
}

/// Whether a record within a string nests deeper than the splitter lets pass outside of one. Counting all brackets
/// rules nearly everything out; the rest is looked at closely.
fn is_deep(text: &str) -> bool {
    if is_shallow(text.as_bytes()) {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
