//! The race of evaluators: our side, the inputs where the corpus is absent, and the table.
//!
//! `race-evaluate generate FILE` writes policies, `race-evaluate run POLICIES REQUESTS DECISIONS` races, and
//! `race-evaluate table FOLDER` compares what all of them wrote.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use alpha::iam::document::Document;
use alpha::iam::evaluate::{Decision, Evaluator, PolicySet, Request};
use anyhow::{Context as _, bail};
use serde_json::{Value, json};

const TIME: Duration = Duration::from_secs(3);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["generate", file] => Ok(std::fs::write(file, generated())?),
        ["run", policies, requests, decisions] => run(policies, requests, decisions),
        ["table", folder] => table(Path::new(folder)),
        _ => bail!("expected generate FILE, run POLICIES REQUESTS DECISIONS, or table FOLDER"),
    }
}

/// Policies of many shapes and sizes, the same in every run.
fn generated() -> String {
    const SERVICES: &[&str] =
        &["s3", "ec2", "iam", "lambda", "logs", "dynamodb", "sqs", "secretsmanager", "glue"];
    const VERBS: &[&str] = &["Get", "List", "Describe", "Create", "Delete", "Update", "Put", "Tag"];
    const NOUNS: &[&str] =
        &["Object", "Instances", "Role", "Function", "LogEvents", "Item", "Table", "Policy"];
    let mut lines = String::new();
    for seed in 0_usize..1600 {
        let statements: Vec<Value> = (0..=seed % 7)
            .map(|number| {
                let service = SERVICES[(seed + number) % SERVICES.len()];
                let actions: Vec<String> = (0..=(seed * 7 + number) % 40)
                    .map(|n| match (seed + n) % 5 {
                        0 => format!("{service}:{}*", VERBS[n % VERBS.len()]),
                        _ => format!(
                            "{service}:{}{}",
                            VERBS[n % VERBS.len()],
                            NOUNS[(seed + n / 8) % NOUNS.len()]
                        ),
                    })
                    .collect();
                let resource =
                    if seed % 3 == 0 { "*".to_owned() } else { format!("arn:aws:{service}:*:*:*") };
                let mut statement = json!({"Effect": "Allow", "Action": actions, "Resource": resource});
                if (seed + number) % 6 == 0 {
                    statement["Condition"] =
                        json!({"StringEquals": {"aws:ResourceTag/team": ["red", "blue"]}});
                }
                statement
            })
            .collect();
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        // Writing into a string never fails.
        let _ = writeln!(lines, "{}", json!({"name": format!("generated-{seed}"), "document": document}));
    }
    lines
}

fn run(policies: &str, requests: &str, decisions: &str) -> anyhow::Result<()> {
    let mut texts = Vec::new();
    for line in std::fs::read_to_string(policies).with_context(|| policies.to_owned())?.lines() {
        texts.push(serde_json::from_str::<Value>(line)?["document"].to_string());
    }
    let requests: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(requests)?)?;
    let requests: Vec<Request> = requests
        .iter()
        .map(|request| Request::parse(request.to_string().as_bytes()))
        .collect::<Result<_, _>>()?;
    let evaluators: Vec<Evaluator> = texts.iter().map(|text| read(text)).collect::<Result<_, _>>()?;

    let mut letters = String::new();
    for evaluator in &evaluators {
        letters.extend(requests.iter().map(|request| match evaluator.decide(request) {
            Decision::Allowed => 'A',
            Decision::ImplicitlyDenied => 'I',
            Decision::ExplicitlyDenied => 'E',
            Decision::Undecided => 'U',
        }));
        letters.push('\n');
    }
    std::fs::write(decisions, letters)?;

    let explained = rate(|| {
        for evaluator in &evaluators {
            for request in &requests {
                std::hint::black_box(evaluator.evaluate(request));
            }
        }
        evaluators.len() * requests.len()
    });
    let compiled = rate(|| {
        for evaluator in &evaluators {
            for request in &requests {
                std::hint::black_box(evaluator.decide(request));
            }
        }
        evaluators.len() * requests.len()
    });
    let mut turn = 0;
    let parsed = rate(|| {
        for text in &texts {
            if let Ok(evaluator) = read(text) {
                std::hint::black_box(evaluator.decide(&requests[turn % requests.len()]));
                turn += 1;
            }
        }
        texts.len()
    });
    println!("{}", json!({"name": "alpha", "compiled": compiled, "parsed": parsed, "explained": explained}));
    Ok(())
}

fn read(text: &str) -> anyhow::Result<Evaluator> {
    let document = Document::parse(text.as_bytes())?;
    Ok(Evaluator::compile(&PolicySet { identity: vec![document], ..PolicySet::default() }))
}

fn rate(mut round: impl FnMut() -> usize) -> f64 {
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < TIME {
        count = count.saturating_add(u32::try_from(round()).unwrap_or(u32::MAX));
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// Reads `NAME.json` (rates) and `NAME.txt` (decisions) of every racer and prints the ratios and the disagreements.
fn table(folder: &Path) -> anyhow::Result<()> {
    let rates = |name: &str| -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.json")))?)?)
    };
    let ours = rates("alpha")?;
    let decisions = std::fs::read_to_string(folder.join("alpha.txt"))?;
    let number = |value: &Value, key: &str| value[key].as_f64().unwrap_or_default();
    println!(
        "evaluator          decisions/s   with reasons   with parsing   ratio   ratio with parsing   disagreements"
    );
    println!(
        "{:<18} {:>11.0} {:>14.0} {:>14.0}",
        "alpha",
        number(&ours, "compiled"),
        number(&ours, "explained"),
        number(&ours, "parsed")
    );
    for name in ["iam-rs", "iam-simulate"] {
        let theirs = rates(name)?;
        let other = std::fs::read_to_string(folder.join(format!("{name}.txt")))?;
        let pairs = decisions.chars().zip(other.chars()).filter(|(a, _)| *a != '\n');
        let differing = pairs.filter(|(a, b)| a != b).count();
        let ratio = |key| number(&ours, key) / number(&theirs, key);
        println!(
            "{:<18} {:>11.0} {:>14} {:>14.0} {:>6.0}x {:>19.1}x {:>15}",
            name,
            number(&theirs, "compiled"),
            "-",
            number(&theirs, "parsed"),
            ratio("compiled"),
            ratio("parsed"),
            differing
        );
    }
    Ok(())
}
