//! Whole jobs through the machine, and a start with many that wait.
//!
//! `race-jobs run FOLDER JOBS` has so many jobs asked for, approved, and carried out, and prints how many a second.
//! `race-jobs seed FILE JOBS waiting|due` makes a store of jobs that wait for a decision, with reminders later or now.

mod crowd;
mod house;
mod run;
mod seed;

use std::path::Path;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments[..] {
        ["run", folder, jobs] => runtime.block_on(run::run(Path::new(folder), jobs.parse()?)),
        ["seed", file, jobs, "waiting"] => {
            runtime.block_on(seed::seed(Path::new(file), jobs.parse()?, false))
        }
        ["seed", file, jobs, "due"] => runtime.block_on(seed::seed(Path::new(file), jobs.parse()?, true)),
        _ => bail!("expected run FOLDER JOBS, or seed FILE JOBS waiting|due"),
    }
}
