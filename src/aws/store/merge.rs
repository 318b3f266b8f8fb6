//! Several partitions of an index read as one, in order, page by page and only as far as anybody asks.

use std::collections::VecDeque;

use futures_util::future::try_join_all;

use super::table::{Query, Table};
use super::write::{Item, text};
use crate::ports::StoreError;

/// What is read.
#[derive(Debug)]
pub struct Merged<'a> {
    table: &'a Table,
    /// By which attribute the partitions are in order.
    by: &'static str,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    query: Query,
    ready: VecDeque<Item>,
    from: Option<Item>,
    is_over: bool,
}

impl<'a> Merged<'a> {
    pub fn new(table: &'a Table, by: &'static str, queries: Vec<Query>) -> Self {
        let part = |query| Part { query, ready: VecDeque::new(), from: None, is_over: false };
        Self { table, by, parts: queries.into_iter().map(part).collect() }
    }

    /// The next ones, as many as are asked for while there are any.
    pub async fn next(&mut self, count: usize) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        while found.len() < count {
            self.fill().await?;
            let by = self.by;
            let first = self.parts.iter_mut().filter(|part| !part.ready.is_empty()).min_by(|one, other| {
                let order = text(&one.ready[0], by).cmp(&text(&other.ready[0], by));
                if one.query.last_first { order.reverse() } else { order }
            });
            match first.and_then(|part| part.ready.pop_front()) {
                Some(item) => found.push(item),
                None => break,
            }
        }
        Ok(found)
    }

    /// Sees that nothing is taken before what comes first in another partition is known.
    async fn fill(&mut self) -> Result<(), StoreError> {
        let table = self.table;
        let empty = self.parts.iter_mut().filter(|part| part.ready.is_empty() && !part.is_over);
        try_join_all(empty.map(|part| part.fill(table))).await.map(drop)
    }
}

impl Part {
    async fn fill(&mut self, table: &Table) -> Result<(), StoreError> {
        // A page may be empty without being the last.
        while self.ready.is_empty() && !self.is_over {
            let (items, next) = table.page(&self.query, self.from.take()).await?;
            self.ready.extend(items);
            self.is_over = next.is_none();
            self.from = next;
        }
        Ok(())
    }
}
