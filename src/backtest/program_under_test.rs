//! A program to replay on, and how it is spoken to.

use super::options::quoted;
use crate::bank::{BankLedger, Deployed, Program, ProgramError, RELEASES};
use crate::divergence::Side;
use crate::idl::{Idl, IdlError, Translator};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A program and how to speak to it.
#[derive(Clone, Debug)]
pub struct ProgramUnderTest {
    /// The program.
    pub program: Deployed,
    /// Its interface; none for the one that the harness knows by heart, 2.83's.
    translator: Option<Arc<Translator>>,
    /// The file that the interface was read from.
    idl_file: Option<PathBuf>,
}

/// Why there is no program to replay on.
#[derive(Debug, thiserror::Error)]
pub enum NoProgramUnderTest {
    /// The program cannot be read.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Its interface cannot be read.
    #[error(transparent)]
    Idl(#[from] IdlError),
    /// An interface for the engine.
    #[error("{}: the built-in program has the interface of Drift {} and takes no other", .0.display(), RELEASES[0].version)]
    BuiltIn(PathBuf),
    /// A release whose interface is not known by heart.
    #[error("Drift {version} has an interface of its own: name its Anchor IDL with {flag} FILE")]
    Interface {
        /// The release.
        version: &'static str,
        /// The option that names it.
        flag: &'static str,
    },
}

impl ProgramUnderTest {
    /// A program with the interface that the harness knows by heart.
    pub fn by_heart(program: impl Into<Deployed>) -> Self {
        Self {
            program: program.into(),
            translator: None,
            idl_file: None,
        }
    }

    /// A program with the interface that the Anchor IDL in a file describes.
    ///
    /// # Errors
    /// [`IdlError`] where the file holds none.
    pub fn speaking(program: impl Into<Deployed>, idl: &Path) -> Result<Self, IdlError> {
        Ok(Self {
            program: program.into(),
            translator: Some(Arc::new(Translator::new(Idl::read(idl)?))),
            idl_file: Some(idl.to_owned()),
        })
    }

    /// The program `named`, or the one that [`Deployed::choose`] finds, with the interface in the file `idl`, which the
    /// option `flag` names.
    ///
    /// # Errors
    /// [`NoProgramUnderTest`].
    pub fn choose(
        named: Option<&Path>,
        idl: Option<&Path>,
        flag: &'static str,
    ) -> Result<Self, NoProgramUnderTest> {
        let program = Deployed::choose(named)?;
        match (&program, idl) {
            (Deployed::BuiltIn, Some(idl)) => Err(NoProgramUnderTest::BuiltIn(idl.to_owned())),
            (_, Some(idl)) => Ok(Self::speaking(program, idl)?),
            (Deployed::Elf(elf), None) => match elf.release() {
                // A program of no known release may well be a build of the one that is known.
                Some(release) if *release != RELEASES[0] => {
                    let version = release.version;
                    Err(NoProgramUnderTest::Interface { version, flag })
                }
                _ => Ok(Self::by_heart(program)),
            },
            (Deployed::BuiltIn, None) => Ok(Self::by_heart(program)),
        }
    }

    /// What a report says of it.
    pub fn side(&self) -> Side {
        let idl = self.idl();
        let (name, kind, sha256) = match &self.program {
            Deployed::BuiltIn => ("built-in program".to_owned(), "built-in program", None),
            Deployed::Elf(program) => {
                let release = program.release();
                let name = release.map_or_else(
                    || format!("program {}", program.sha256.chars().take(8).collect::<String>()),
                    |release| format!("Drift {}", release.version),
                );
                (name, "elf", Some(program.sha256.clone()))
            }
        };
        Side {
            name,
            kind: kind.to_owned(),
            sha256,
            idl: idl.map(|idl| format!("{} {}", idl.name, idl.version)),
            idl_sha256: idl.map(|idl| idl.sha256.clone()),
            switch: None,
        }
    }

    /// Its interface, where that is not the one known by heart.
    pub fn idl(&self) -> Option<&Idl> {
        self.translator.as_ref().map(|translator| &**translator.idl())
    }

    /// How a command names the program by the option `program`, and its interface by `idl`.
    pub(super) fn arguments(&self, program: &str, idl: &str) -> String {
        let named = match &self.program {
            Deployed::BuiltIn => Deployed::BUILT_IN.to_owned(),
            Deployed::Elf(Program { path, .. }) => quoted(&path.display().to_string()),
        };
        let file = self.idl_file.as_ref();
        let interface = file.map(|file| format!(" {idl} {}", quoted(&file.display().to_string())));
        format!("{program} {named}{}", interface.unwrap_or_default())
    }

    pub(crate) fn bank(&self) -> BankLedger {
        let bank = BankLedger::new(&self.program);
        match &self.translator {
            None => bank,
            Some(translator) => bank.speaking(Arc::clone(translator)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_program_speaks_no_other_interface() {
        let builtin = Path::new("builtin");
        let program_under_test = ProgramUnderTest::choose(Some(builtin), None, "--idl").unwrap();
        assert_eq!(program_under_test.side().kind, "built-in program");
        assert_eq!(
            program_under_test.arguments("--against", "--against-idl"),
            "--against builtin"
        );
        let refusal =
            ProgramUnderTest::choose(Some(builtin), Some(Path::new("drift.json")), "--idl").unwrap_err();
        assert!(
            refusal
                .to_string()
                .starts_with("drift.json: the built-in program"),
            "{refusal}"
        );
    }
}
