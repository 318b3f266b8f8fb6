//! Queries of Logs Insights, as far as they are used on events of a trail; the rest is malformed here.
//!
//! From "`CloudWatch` Logs Insights language query syntax": `fields`, `filter` (with `=`, `like`, `in`, `and`, `or`,
//! `not`, `ispresent`), `stats count(*) by`, `sort`, `limit`. Events come the newest first.

use std::collections::BTreeMap;
use std::iter::{Cloned, Peekable};
use std::slice::Iter;
use std::sync::Arc;

use serde_json::{Value, json};

use super::events::Event;
use super::log_language::{Token, compare, member, text_of, tokens};

/// How many rows there are unless the query says otherwise, and the most.
const ROWS: usize = 1_000;
const MOST_ROWS: usize = 10_000;

#[derive(Debug)]
pub struct Query {
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Fields(Vec<String>),
    Filter(Test),
    Count { name: String, by: Vec<String> },
    Sort { field: String, ascending: bool },
    Limit(usize),
}

#[derive(Debug)]
enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Present(String),
    Compared(String, &'static str, String),
    Like(String, String),
    In(String, Vec<String>),
}

/// A row while the query runs: an event, or what was counted.
#[derive(Debug, Clone)]
enum Row {
    Event(Arc<Event>),
    Counted(BTreeMap<String, String>),
}

impl Row {
    fn get(&self, field: &str) -> Option<String> {
        match (self, field) {
            (Self::Event(event), "@message") => Some(event.text.clone()),
            // Events are ingested when they happen.
            (Self::Event(event), "@timestamp" | "@ingestionTime") => {
                Some(event.time.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string())
            }
            (Self::Event(event), path) => {
                member(&event.json, path).filter(|value| !value.is_null()).map(text_of)
            }
            (Self::Counted(row), field) => row.get(field).cloned(),
        }
    }
}

impl Query {
    /// Reads a query; none where it is none that is known here.
    pub fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let steps = tokens.split(|token| *token == Token::Sign("|"));
        let step = |tokens: &[Token]| {
            let mut rest = tokens.iter().cloned().peekable();
            let step = step(&mut rest)?;
            rest.next().is_none().then_some(step)
        };
        steps.map(step).collect::<Option<_>>().map(|steps| Self { steps })
    }

    /// The rows, as `GetQueryResults` has them.
    pub fn run(&self, events: &[Arc<Event>], limit: Option<usize>) -> Vec<Value> {
        let mut rows: Vec<Row> = events.iter().rev().map(|event| Row::Event(Arc::clone(event))).collect();
        let mut shown = vec!["@timestamp".to_owned(), "@message".to_owned()];
        let mut most = limit.unwrap_or(ROWS);
        for step in &self.steps {
            match step {
                Step::Fields(fields) => shown.clone_from(fields),
                Step::Filter(test) => rows.retain(|row| test.holds(row)),
                Step::Count { name, by } => {
                    (rows, shown) = (count(&rows, name, by), by.iter().chain([name]).cloned().collect());
                }
                Step::Sort { field, ascending } => {
                    rows.sort_by_key(|row| row.get(field));
                    if !ascending {
                        rows.reverse();
                    }
                }
                Step::Limit(limit) => most = *limit,
            }
        }
        rows.truncate(most.min(MOST_ROWS));
        let cell = |row: &Row, field: &String| Some(json!({"field": field, "value": row.get(field)?}));
        rows.iter().map(|row| shown.iter().filter_map(|field| cell(row, field)).collect()).collect()
    }
}

fn count(rows: &[Row], name: &str, by: &[String]) -> Vec<Row> {
    let mut counts: BTreeMap<Vec<Option<String>>, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(by.iter().map(|field| row.get(field)).collect()).or_default() += 1;
    }
    let row = |(values, count): (Vec<Option<String>>, usize)| {
        let named = by.iter().zip(values).filter_map(|(field, value)| Some((field.clone(), value?)));
        Row::Counted(named.chain([(name.to_owned(), count.to_string())]).collect())
    };
    counts.into_iter().map(row).collect()
}

impl Test {
    fn holds(&self, row: &Row) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(row)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(row)),
            Self::Not(test) => !test.holds(row),
            Self::Present(field) => row.get(field).is_some(),
            Self::Compared(field, sign, wanted) => {
                row.get(field).is_some_and(|found| compare(sign, &found, wanted) == Some(true))
            }
            Self::Like(field, part) => {
                row.get(field).is_some_and(|found| part.split('|').any(|part| found.contains(part)))
            }
            Self::In(field, wanted) => row.get(field).is_some_and(|found| wanted.contains(&found)),
        }
    }
}

type Tokens<'t> = Peekable<Cloned<Iter<'t, Token>>>;

fn takes(tokens: &mut Tokens<'_>, word: &str) -> bool {
    tokens.next_if(|token| matches!(token, Token::Word(own) if own.eq_ignore_ascii_case(word))).is_some()
}

fn signed(tokens: &mut Tokens<'_>, sign: &'static str) -> bool {
    tokens.next_if_eq(&Token::Sign(sign)).is_some()
}

fn word(tokens: &mut Tokens<'_>) -> Option<String> {
    match tokens.next()? {
        Token::Word(word) => Some(word),
        _ => None,
    }
}

fn words(tokens: &mut Tokens<'_>) -> Option<Vec<String>> {
    let mut all = vec![word(tokens)?];
    while signed(tokens, ",") {
        all.push(word(tokens)?);
    }
    Some(all)
}

fn step(tokens: &mut Tokens<'_>) -> Option<Step> {
    match &*word(tokens)? {
        "fields" | "display" => Some(Step::Fields(words(tokens)?)),
        "filter" => Some(Step::Filter(any(tokens)?)),
        "limit" => Some(Step::Limit(word(tokens)?.parse().ok()?)),
        "sort" => {
            let field = word(tokens)?;
            let ascending = takes(tokens, "asc");
            if !ascending {
                takes(tokens, "desc");
            }
            Some(Step::Sort { field, ascending })
        }
        "stats" => {
            let counts =
                takes(tokens, "count") && signed(tokens, "(") && takes(tokens, "*") && signed(tokens, ")");
            let name = if takes(tokens, "as") { word(tokens)? } else { "count(*)".to_owned() };
            let by = if takes(tokens, "by") { words(tokens)? } else { Vec::new() };
            counts.then_some(Step::Count { name, by })
        }
        _ => None,
    }
}

fn any(tokens: &mut Tokens<'_>) -> Option<Test> {
    let mut tests = vec![all(tokens)?];
    while takes(tokens, "or") {
        tests.push(all(tokens)?);
    }
    Some(Test::Any(tests))
}

fn all(tokens: &mut Tokens<'_>) -> Option<Test> {
    let mut tests = vec![one(tokens)?];
    while takes(tokens, "and") {
        tests.push(one(tokens)?);
    }
    Some(Test::All(tests))
}

fn one(tokens: &mut Tokens<'_>) -> Option<Test> {
    if takes(tokens, "not") {
        return Some(Test::Not(Box::new(one(tokens)?)));
    }
    if signed(tokens, "(") {
        let inner = any(tokens)?;
        return signed(tokens, ")").then_some(inner);
    }
    let field = word(tokens)?;
    if field == "ispresent" {
        let name = signed(tokens, "(").then(|| word(tokens)).flatten()?;
        return signed(tokens, ")").then_some(Test::Present(name));
    }
    if takes(tokens, "like") {
        return match tokens.next()? {
            Token::Text(part) => Some(Test::Like(field, part)),
            // Only what is literal, with alternatives.
            Token::Expression(part) if !part.contains(['.', '*', '+', '?', '[', '(', '\\', '^', '$']) => {
                Some(Test::Like(field, part))
            }
            _ => None,
        };
    }
    if takes(tokens, "in") {
        let mut values = Vec::new();
        let mut opened = signed(tokens, "[");
        while opened {
            values.push(value(tokens)?);
            opened = signed(tokens, ",");
        }
        return signed(tokens, "]").then_some(Test::In(field, values));
    }
    let Token::Sign(sign) = tokens.next()? else { return None };
    compare(sign, "", "")?;
    Some(Test::Compared(field, sign, value(tokens)?))
}

fn value(tokens: &mut Tokens<'_>) -> Option<String> {
    match tokens.next()? {
        Token::Word(value) | Token::Text(value) => Some(value),
        Token::Sign(_) | Token::Expression(_) => None,
    }
}
