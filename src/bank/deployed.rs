//! What runs at Drift's address.

use super::program::{Program, ProgramError};
use std::fmt;
use std::path::Path;

/// What runs at Drift's address in a bank.
#[derive(Clone, Debug)]
pub enum Deployed {
    /// The engine, as a native program.
    BuiltIn,
    /// A Drift ELF.
    Elf(Program),
}

impl Deployed {
    /// The word that stands for the built-in program where a file could be named.
    pub const BUILT_IN: &str = "builtin";

    /// The program `named`, a file or `builtin`; else the release in the cache that stands first among
    /// [`RELEASES`](super::RELEASES); else the built-in one.
    ///
    /// # Errors
    /// [`ProgramError`] where the named file is no program.
    pub fn choose(named: Option<&Path>) -> Result<Self, ProgramError> {
        match named {
            Some(word) if word == Path::new(Self::BUILT_IN) => Ok(Deployed::BuiltIn),
            Some(path) => Program::read(path).map(Deployed::Elf),
            None => Ok(Program::from_cache().map_or(Deployed::BuiltIn, Deployed::Elf)),
        }
    }

    /// Whether this is the engine itself.
    pub fn is_built_in(&self) -> bool {
        matches!(self, Deployed::BuiltIn)
    }
}

impl From<Program> for Deployed {
    fn from(program: Program) -> Self {
        Deployed::Elf(program)
    }
}

impl fmt::Display for Deployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deployed::BuiltIn => write!(f, "built-in program (harness {})", env!("CARGO_PKG_VERSION")),
            Deployed::Elf(program) => program.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_program_is_named_by_a_word() {
        let chosen = Deployed::choose(Some(Path::new("builtin"))).unwrap();
        assert!(chosen.is_built_in());
        assert!(chosen.to_string().starts_with("built-in program (harness "));
        assert!(Deployed::choose(Some(Path::new("no/such/file.so"))).is_err());
    }
}
