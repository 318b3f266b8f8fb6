//! `alpha policy evaluate`.

use std::io::{BufRead, BufReader, Read, Write};

use anyhow::Context;
use serde_json::{Value, json};

use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::{input, output};
use crate::iam::evaluate::{Case, Decision, Evaluator, Level, PolicySet, Request, Verdict};
use crate::iam::json::Node;

/// The longest line of `--jsonl`, and the largest request, that is read.
const MAX_CASE: usize = 16 << 20;

/// Decide a request, as IAM would, and name the deciding statements.
///
/// One request, `--request` with the policies that have a say, or with `--jsonl` many, one JSON object a line on
/// standard input. The exit status tells whether there is an answer, not which.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The request: a JSON object with action, principal, resource, resourceAccount and context
    #[arg(long, value_name = "FILE", required_unless_present = "jsonl")]
    request: Option<String>,
    /// An identity policy of the caller
    #[arg(long = "policy", value_name = "FILE")]
    identity: Vec<String>,
    /// A policy of the resource: of a bucket, of a KMS key, a role's trust policy
    #[arg(long = "resource-policy", value_name = "FILE")]
    resource: Vec<String>,
    /// A permissions boundary of the caller
    #[arg(long, value_name = "FILE")]
    boundary: Vec<String>,
    /// A session policy
    #[arg(long, value_name = "FILE")]
    session: Vec<String>,
    /// A VPC endpoint policy
    #[arg(long = "endpoint-policy", value_name = "FILE")]
    endpoint: Vec<String>,
    /// The service control policies of one level of the organisation; one flag a level, commas between its policies
    #[arg(long, value_name = "FILE[,FILE...]")]
    scp: Vec<String>,
    /// The resource control policies of one level of the organisation; one flag a level, commas between its policies
    #[arg(long, value_name = "FILE[,FILE...]")]
    rcp: Vec<String>,
    /// Decide one case a line from standard input, one answer a line
    #[arg(long, conflicts_with_all = ["request", "identity", "resource", "boundary", "session", "endpoint", "scp", "rcp"])]
    jsonl: bool,
    #[command(flatten)]
    output: output::Flag,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    match &arguments.request {
        Some(path) if !arguments.jsonl => one(arguments, path),
        _ => {
            stream(&mut BufReader::with_capacity(1 << 16, std::io::stdin().lock()), std::io::stdout().lock())
        }
    }
}

fn one(arguments: &Arguments, path: &str) -> Result {
    let read_twice = [&arguments.identity, &arguments.resource, &arguments.boundary, &arguments.session]
        .into_iter()
        .chain([&arguments.endpoint, &arguments.scp, &arguments.rcp])
        .flatten()
        .flat_map(|value| value.split(','))
        .chain([path])
        .filter(|path| *path == "-")
        .count()
        > 1;
    if read_twice {
        return Err(Failure::Usage("standard input (-) can be given once only".into()));
    }
    let bytes = input::read(path, MAX_CASE)?;
    let request = Request::parse(&bytes)
        .map_err(|error| Failure::Failed(anyhow::anyhow!("{}: {error}", input::name(path))))?;
    let policies = PolicySet {
        identity: input::documents(&arguments.identity)?,
        resource: input::documents(&arguments.resource)?,
        boundaries: input::documents(&arguments.boundary)?,
        session: input::documents(&arguments.session)?,
        endpoint: input::documents(&arguments.endpoint)?,
        service_control: levels(&arguments.scp)?,
        resource_control: levels(&arguments.rcp)?,
    };
    let verdict = Evaluator::from(policies).evaluate(&request);
    match arguments.output.output {
        output::Format::Json => output::json(&answer(&verdict))?,
        output::Format::Text => output::text(&in_words(&request, &verdict))?,
    }
    Ok(Outcome::Fine)
}

fn levels(flags: &[String]) -> Result<Vec<Level>> {
    let level = |flag: &String| {
        let paths: Vec<String> = flag.split(',').map(str::to_owned).collect();
        Ok(Level { name: Some(flag.clone()), policies: input::documents(&paths)? })
    };
    flags.iter().map(level).collect()
}

fn answer(verdict: &Verdict) -> Value {
    let because: Vec<Value> = verdict
        .because
        .iter()
        .map(|reason| {
            json!({
                "kind": reason.kind.as_str(),
                "policy": reason.policy,
                "statement": reason.statement,
                "name": reason.name,
                "text": reason.text,
            })
        })
        .collect();
    let blocked_by: Vec<_> = verdict.blocked_by.iter().map(|kind| kind.as_str()).collect();
    json!({"decision": verdict.decision.as_str(), "blockedBy": blocked_by, "because": because})
}

fn in_words(request: &Request, verdict: &Verdict) -> String {
    let colour = match verdict.decision {
        Decision::Allowed => anstyle::AnsiColor::Green,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => anstyle::AnsiColor::Red,
        Decision::Undecided => anstyle::AnsiColor::Yellow,
    };
    let style = colour.on_default().bold();
    let decision = verdict.decision.as_str();
    let headline = format!("{style}{decision}{style:#}: {} by {}", request.action, request.principal);
    let reasons = verdict.because.iter().map(|reason| format!("  {}: {}", reason.kind, reason.text));
    std::iter::once(headline).chain(reasons).collect::<Vec<_>>().join("\n")
}

/// One answer a line, in the order of the input. A line that can't be read is answered with an error, and the run
/// goes on; at its end the status tells.
fn stream(input: &mut BufReader<impl Read>, output: impl Write) -> Result {
    let mut output = std::io::BufWriter::new(output);
    let (mut line, mut number, mut failed) = (Vec::new(), 0_u64, false);
    loop {
        line.clear();
        let read = input.by_ref().take(MAX_CASE as u64 + 1).read_until(b'\n', &mut line);
        if read.context("standard input could not be read")? == 0 {
            break;
        }
        number += 1;
        let reply = if line.len() > MAX_CASE && line.last() != Some(&b'\n') {
            pass_over_line(input).context("standard input could not be read")?;
            error(&Value::Null, number, &format!("longer than the {MAX_CASE} bytes of a line that are read"))
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            reply(&line, number)
        };
        failed |= reply.get("error").is_some();
        serde_json::to_writer(&mut output, &reply).map_err(|error| Failure::of_output(error.into()))?;
        output.write_all(b"\n").map_err(Failure::of_output)?;
        // Whoever writes case by case waits for each answer; whoever sends many at once is answered in blocks.
        if input.buffer().is_empty() {
            output.flush().map_err(Failure::of_output)?;
        }
    }
    output.flush().map_err(Failure::of_output)?;
    Ok(if failed { Outcome::Failed } else { Outcome::Fine })
}

fn pass_over_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (end, used) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (true, at + 1),
            None => (buffer.is_empty(), buffer.len()),
        };
        input.consume(used);
        if end {
            return Ok(());
        }
    }
}

fn reply(line: &[u8], number: u64) -> Value {
    let node = match Node::parse(line) {
        Ok(node) => node,
        Err(reason) => return error(&Value::Null, number, &reason.to_string()),
    };
    let id = node.get("id").map_or(Value::Null, plain);
    match Case::from_node(&node) {
        Err(reason) => error(&id, number, &reason.to_string()),
        Ok(case) => {
            let mut reply = json!({ "id": id });
            let answer = answer(&Evaluator::from(case.policies).evaluate(&case.request));
            if let (Value::Object(reply), Value::Object(answer)) = (&mut reply, answer) {
                reply.extend(answer);
            }
            reply
        }
    }
}

fn error(id: &Value, number: u64, reason: &str) -> Value {
    json!({"id": id, "error": format!("line {number}: {reason}")})
}

/// An id as it was given; the reader that keeps duplicates has a tree of its own.
fn plain(node: &Node<'_>) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(value) => Value::Bool(*value),
        Node::Number(number) => Value::Number(number.clone()),
        Node::Text(text) => Value::String(text.to_string()),
        Node::List(items) => Value::Array(items.iter().map(plain).collect()),
        Node::Object(members) => {
            Value::Object(members.iter().map(|(key, value)| (key.to_string(), plain(value))).collect())
        }
    }
}
