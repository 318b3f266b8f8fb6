//! The catalogue's tables where they lie in the binary: nothing is parsed, copied or allocated to open them.

use std::ops::Range;

use super::format::{
    ACTION, CONDITION_KEY, HEADER, MAGIC, RESOURCE_TYPE, SERVICE, TABLES, Table, VERSION, WIDTHS,
};

/// A row of 16-bit columns.
pub(super) type Row<const WIDTH: usize> = [u8; WIDTH];

/// The tables of one catalogue.
pub(super) struct Tables {
    pub services: &'static [Row<SERVICE>],
    pub actions: &'static [Row<ACTION>],
    pub resource_types: &'static [Row<RESOURCE_TYPE>],
    pub condition_keys: &'static [Row<CONDITION_KEY>],
    pub sources: &'static [Row<2>],
    list_starts: &'static [Row<4>],
    list_items: &'static [Row<2>],
    string_starts: &'static [Row<4>],
    text: &'static [u8],
    searched_starts: &'static [Row<4>],
    searched: &'static [u8],
}

impl Tables {
    const NONE: Self = Self {
        services: &[],
        actions: &[],
        resource_types: &[],
        condition_keys: &[],
        sources: &[],
        list_starts: &[],
        list_items: &[],
        string_starts: &[],
        text: &[],
        searched_starts: &[],
        searched: &[],
    };

    /// Finds the tables in a file of this layout. One of another layout has no rows: the program that writes the file
    /// is built on this library, and has to be built before the file can be renewed.
    pub const fn open(file: &'static [u8]) -> Self {
        if !is_of_this_layout(file) {
            return Self::NONE;
        }
        Self {
            services: table(file, Table::Services).as_chunks().0,
            actions: table(file, Table::Actions).as_chunks().0,
            resource_types: table(file, Table::ResourceTypes).as_chunks().0,
            condition_keys: table(file, Table::ConditionKeys).as_chunks().0,
            sources: table(file, Table::Sources).as_chunks().0,
            list_starts: table(file, Table::ListStarts).as_chunks().0,
            list_items: table(file, Table::ListItems).as_chunks().0,
            string_starts: table(file, Table::StringStarts).as_chunks().0,
            text: table(file, Table::Text),
            searched_starts: table(file, Table::SearchedStarts).as_chunks().0,
            searched: table(file, Table::Searched),
        }
    }

    /// The bytes of a string.
    pub fn bytes(&self, id: u16) -> &'static [u8] {
        &self.text[span(self.string_starts, id)]
    }

    /// A string.
    pub fn text(&self, id: u16) -> &'static str {
        std::str::from_utf8(self.bytes(id)).unwrap_or_default()
    }

    /// The items of a list.
    pub fn list(&self, id: u16) -> &'static [Row<2>] {
        &self.list_items[span(self.list_starts, id)]
    }

    /// An action's name in lower case.
    pub fn lower(&self, action: usize) -> &'static [u8] {
        &self.searched[self.starts_at(action)..self.starts_at(action + 1) - 1]
    }

    /// The names of some actions in lower case, each followed by [`END`](super::format::END).
    pub fn searched(&self, actions: Range<usize>) -> &'static [u8] {
        &self.searched[self.starts_at(actions.start)..self.starts_at(actions.end)]
    }

    /// Where an action's name begins in the searched text.
    pub fn starts_at(&self, action: usize) -> usize {
        u32::from_le_bytes(self.searched_starts[action]) as usize
    }

    /// How many strings and lists there are.
    #[cfg(test)]
    pub fn strings_and_lists(&self) -> (usize, usize) {
        (self.string_starts.len() - 1, self.list_starts.len() - 1)
    }
}

/// One column of a row.
pub(super) const fn column(row: &[u8], number: usize) -> u16 {
    u16::from_le_bytes([row[2 * number], row[2 * number + 1]])
}

fn span(starts: &[Row<4>], id: u16) -> Range<usize> {
    let start = |at: usize| u32::from_le_bytes(starts[at]) as usize;
    start(usize::from(id))..start(usize::from(id) + 1)
}

const fn number(file: &[u8], at: usize) -> usize {
    u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize
}

const fn rows(file: &[u8], table: usize) -> usize {
    number(file, MAGIC.len() + 4 + 4 * table)
}

const fn is_of_this_layout(file: &[u8]) -> bool {
    if file.len() < HEADER || number(file, MAGIC.len()) != VERSION as usize {
        return false;
    }
    let (mut at, mut end, mut table) = (0, HEADER, 0);
    while at < MAGIC.len() {
        if file[at] != MAGIC[at] {
            return false;
        }
        at += 1;
    }
    while table < TABLES {
        end += rows(file, table) * WIDTHS[table];
        table += 1;
    }
    end == file.len()
}

const fn table(file: &'static [u8], wanted: Table) -> &'static [u8] {
    let (mut start, mut table) = (HEADER, 0);
    while table < wanted as usize {
        start += rows(file, table) * WIDTHS[table];
        table += 1;
    }
    file.split_at(start).1.split_at(rows(file, wanted as usize) * WIDTHS[wanted as usize]).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_layout_has_no_rows() {
        for file in [&b""[..], b"ALPHACAT", &[0; 4096]] {
            assert_eq!(Tables::open(file.to_vec().leak()).actions.len(), 0);
        }
        let mut file = include_bytes!("../../../data/catalogue.bin").to_vec();
        file.push(0);
        assert_eq!(Tables::open(file.leak()).actions.len(), 0);
    }
}
