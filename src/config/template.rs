//! The file that `alpha init` writes: every setting, what it is by default, and the variable that overrides it.

use std::fmt::Write as _;

use super::accounts::EXAMPLE;
use super::key::Key;

const HEAD: &str = "\
# The configuration of ALPHA. Flags override the environment, which overrides this file, which overrides the defaults.
# Each line that begins with # and a setting shows its default, or an example where it has none: take the # away to
# change it. Paths are relative to the folder that alpha is started in.
";

/// The text of the file.
pub fn template() -> String {
    let mut text = HEAD.to_owned();
    let mut section = None;
    for key in Key::ALL {
        let about = key.about();
        if about.section != section {
            section = about.section;
            let _ = write!(text, "\n[{}]\n", about.section.unwrap_or_default());
        }
        text.push('\n');
        for line in about.lines {
            let _ = writeln!(text, "# {line}");
        }
        let flag = about.flag.map(|flag| format!(", {flag}")).unwrap_or_default();
        let default = if about.default.is_some() { "" } else { "; no default" };
        let _ = writeln!(text, "# ({}{flag}{default})", about.variables.join(", "));
        let value = about.default.unwrap_or(about.example);
        let value = if about.number { value.to_owned() } else { format!("{value:?}") };
        let _ = writeln!(text, "#{} = {value}", about.name);
    }
    text.push('\n');
    text.push_str(EXAMPLE);
    text
}
