//! Commands that a build without a feature lacks: known by name, and refused with the way to get them.

use clap::Args;
use std::ffi::OsString;
use std::process::ExitCode;

/// The arguments of a command that this build does not have.
#[derive(Debug, Args)]
pub struct Missing {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _arguments: Vec<OsString>,
}

impl Missing {
    /// Says how to get the command of `module`, which is part of `feature`.
    pub fn refuse(self, module: &str, feature: &str) -> ExitCode {
        let command = module.replace('_', "-");
        complain!("error: this build has no `harness {command}`");
        complain!("help: build it in with `cargo build --release --features {feature}`");
        ExitCode::from(2)
    }
}
