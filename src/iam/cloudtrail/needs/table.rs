//! The tables under `data/cloudtrail`, read once.

use std::collections::HashMap;
use std::sync::OnceLock;

/// All that isn't as the catalogue would have it.
#[derive(Debug)]
pub(super) struct Table {
    sources: HashMap<&'static str, &'static str>,
    events: HashMap<&'static str, HashMap<&'static str, Vec<String>>>,
    parameters: HashMap<(&'static str, &'static str), Vec<&'static str>>,
}

impl Table {
    /// The tables in this binary.
    pub(super) fn embedded() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| {
            let mut table =
                Self { sources: HashMap::new(), events: HashMap::new(), parameters: HashMap::new() };
            for [source, service] in rows(include_str!("../../../../data/cloudtrail/sources.tsv")) {
                table.sources.insert(source, service);
            }
            for [service, event, need] in rows(include_str!("../../../../data/cloudtrail/events.tsv")) {
                table.events.entry(service).or_default().entry(event).or_default().push(need.to_owned());
            }
            for [service, variable, paths] in rows(include_str!("../../../../data/cloudtrail/parameters.tsv"))
            {
                table.parameters.insert((service, variable), paths.split(',').collect());
            }
            table
        })
    }

    /// The prefix of an event source that has one of its own.
    pub(super) fn service(&self, host: &str) -> Option<&'static str> {
        self.sources.get(host).copied()
    }

    /// The needs of an event that has rows.
    pub(super) fn rows(&self, service: &str, event: &str) -> Option<&[String]> {
        self.events.get(service)?.get(event).map(Vec::as_slice)
    }

    /// The needs of events that begin so: the longest row that fits.
    pub(super) fn rows_by_beginning(&self, service: &str, event: &str) -> Option<&[String]> {
        let fits = |row: &&&str| row.strip_suffix('*').is_some_and(|beginning| event.starts_with(beginning));
        let events = self.events.get(service)?;
        let row = events.keys().filter(fits).max_by_key(|row| row.len())?;
        events.get(row).map(Vec::as_slice)
    }

    /// All needs, each with the service of its event.
    pub(super) fn all_needs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.events.iter().flat_map(|(service, events)| {
            events.values().flatten().map(move |need| (*service, need.as_str()))
        })
    }

    /// The paths that a variable of an ARN's format is filled from.
    pub(super) fn parameters(&self, service: &str, variable: &str) -> Option<&[&'static str]> {
        let (_, paths) =
            self.parameters.iter().find(|((of, name), _)| *of == service && *name == variable)?;
        Some(paths)
    }

    #[cfg(test)]
    pub(super) fn all_rows(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        self.events.iter().flat_map(|(service, events)| {
            events
                .iter()
                .flat_map(move |(event, rows)| rows.iter().map(move |row| (*service, *event, row.as_str())))
        })
    }

    #[cfg(test)]
    pub(super) fn all_services(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.sources.iter().map(|(source, service)| (*source, *service))
    }
}

/// The rows of a table, without comments; a row with another number of columns isn't one.
fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
}
