//! Logs: lines for people on a terminal, JSON lines anywhere else; always to standard error, because standard output
//! belongs to answers.
//!
//! Nothing is redacted here: what is secret is wrapped where it comes in, and prints nothing.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::outcome::{Failure, Result};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// For people.
    Readable,
    /// For programs: one JSON object a line.
    Json,
}

/// Starts the log of this process with a filter such as `info,alpha=debug`; once, before anything is logged.
pub fn start(filter: &str) -> Result<()> {
    let style = if std::io::stderr().is_terminal() { Style::Readable } else { Style::Json };
    let subscriber = subscriber(filter, style, std::io::stderr)?;
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Failure::Failed(anyhow::anyhow!("the log can't be started: {error}")))
}

/// What writes the log. A line that can't be written is lost without a word, because there is nowhere to say so.
fn subscriber<W>(filter: &str, style: Style, writer: W) -> Result<Box<dyn tracing::Subscriber + Send + Sync>>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .parse(filter)
        .map_err(|error| Failure::Usage(format!("{filter:?} is no filter of logs: {error}")))?;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).log_internal_errors(false);
    Ok(match style {
        Style::Readable => Box::new(lines.with_target(false).finish()),
        Style::Json => Box::new(lines.json().flatten_event(true).with_span_list(false).finish()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, style: Style) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(filter, style, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!("too much");
            tracing::info!(job = "j-1", attempt = 2, "posted");
            tracing::warn!("a line\nand another");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn off_a_terminal_every_line_is_a_json_object_with_its_fields() {
        let text = logged("info", Style::Json);
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!((&lines[0]["level"], &lines[0]["message"]), (&"INFO".into(), &"posted".into()));
        assert_eq!((&lines[0]["job"], &lines[0]["attempt"]), (&"j-1".into(), &2.into()));
        assert!(lines[0]["timestamp"].as_str().unwrap().ends_with('Z'), "{text}");
        assert_eq!(lines[1]["message"], "a line\nand another");
    }

    #[test]
    fn on_a_terminal_lines_are_for_people() {
        let text = logged("info", Style::Readable);
        assert!(text.contains("posted") && !text.contains('{'), "{text}");
    }

    #[test]
    fn the_filter_says_what_is_logged() {
        assert!(logged("debug", Style::Json).contains("too much"));
        assert_eq!(logged("error", Style::Json), "");
        assert!(matches!(
            subscriber("alpha=loud", Style::Json, std::io::stderr),
            Err(Failure::Usage(text)) if text.contains("alpha=loud")
        ));
    }
}
