//! Reading what a command was given: files, and `-` for standard input.

use std::io::Read;

use anyhow::Context;

use super::outcome::{Failure, Result};
use crate::iam::document::{Document, MAX_BYTES, MOST_WILD};

/// One file, or standard input, whole. More than `limit` bytes are refused without being read.
pub fn read(path: &str, limit: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let cap = limit as u64 + 1;
    let outcome = if path == "-" {
        std::io::stdin().lock().take(cap).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(cap).read_to_end(&mut bytes))
    };
    outcome.with_context(|| format!("{} could not be read", name(path)))?;
    if bytes.len() > limit {
        return Err(Failure::Failed(anyhow::anyhow!(
            "{}: larger than the {limit} bytes that are read",
            name(path)
        )));
    }
    Ok(bytes)
}

/// One policy document from a file or standard input.
pub fn document(path: &str) -> Result<Document> {
    let bytes = read(path, MAX_BYTES)?;
    Document::parse(&bytes).map_err(|error| Failure::Failed(anyhow::anyhow!("{}: {error}", name(path))))
}

/// Several policy documents; standard input can be one of them only once.
pub fn documents(paths: &[String]) -> Result<Vec<Document>> {
    once_standard_input(paths)?;
    paths.iter().map(|path| document(path)).collect()
}

/// Several policy documents whose actions are to be looked up.
pub fn documents_to_expand(paths: &[String]) -> Result<Vec<Document>> {
    let documents = documents(paths)?;
    for (path, document) in paths.iter().zip(&documents) {
        expandable(path, document)?;
    }
    Ok(documents)
}

/// Refuses a policy with more wildcards in its actions than can be looked up in a moment.
pub fn expandable(path: &str, document: &Document) -> Result<()> {
    let wild = document.wild_characters();
    if wild > MOST_WILD {
        return Err(Failure::Failed(anyhow::anyhow!(
            "{}: its action patterns with wildcards have {wild} characters, and at most {MOST_WILD} are looked up; no AWS \
             service stores a policy as large",
            name(path)
        )));
    }
    Ok(())
}

/// Refuses a list of files in which standard input stands twice: it could be read only once.
pub fn once_standard_input(paths: &[String]) -> Result<()> {
    if paths.iter().filter(|path| *path == "-").count() > 1 {
        return Err(Failure::Usage("standard input (-) can be given once only".into()));
    }
    Ok(())
}

/// How an input is called in a message.
pub fn name(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

/// The action patterns of a command line; `-` stands for those of standard input, separated by white space.
pub fn patterns(arguments: &[String]) -> Result<Vec<String>> {
    if arguments.iter().filter(|argument| *argument == "-").count() > 1 {
        return Err(Failure::Usage("standard input (-) can be given once only".into()));
    }
    let mut patterns = Vec::new();
    for argument in arguments {
        if argument == "-" {
            let bytes = read("-", MAX_BYTES)?;
            let text = std::str::from_utf8(&bytes).map_err(|error| {
                anyhow::anyhow!("standard input: invalid UTF-8 at byte {}", error.valid_up_to())
            })?;
            patterns.extend(text.split_whitespace().map(str::to_owned));
        } else {
            patterns.push(argument.clone());
        }
    }
    if patterns.is_empty() {
        return Err(Failure::Failed(anyhow::anyhow!("standard input: no pattern, such as s3:Get*, in it")));
    }
    Ok(patterns)
}
