//! The thin binary: everything it can do lives in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    alpha::cli::run(std::env::args_os())
}
