//! Programs: ELF files, the known releases among them, and the folder they are kept in.

mod chain;
mod download;
mod elf;
mod error;
mod fetch;

use elf::sha256;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use elf::{ElfFacts, inspect};
pub use error::FetchError;
pub use fetch::{Request, Source, fetch, save};

/// A build of Drift that is known by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its version.
    pub version: &'static str,
    /// SHA-256 of the ELF, in hexadecimal.
    pub sha256: &'static str,
    /// SHA-256 of the ELF without the zeros at its end, as verifiable builds have it.
    pub stripped_sha256: &'static str,
    /// Size of the ELF in bytes.
    pub size: u64,
}

impl Release {
    /// Whether `sha256`, in lower case, is that of its ELF, with or without the zeros at its end.
    pub fn has_hash(&self, sha256: &str) -> bool {
        [self.sha256, self.stripped_sha256].contains(&sha256)
    }
}

/// The known builds, the one that the engine follows first.
pub const RELEASES: [Release; 2] = [
    Release {
        version: "2.83",
        sha256: "080423d7c91f826994124873a62d5e752da51d06159ed010002f8f2f20d4e2a7",
        stripped_sha256: "ab11037db1936f830851f858d019752090089dc405179876d14b3d561c6a1200",
        size: 4_095_064,
    },
    Release {
        version: "2.31",
        sha256: "8a324ae0928d44f5856e7a5c683f1c6d1f0a9a392ebfa585d65de0f11c25224e",
        stripped_sha256: "dbfe73e11959632234d94e339227c686dcab9b2292ac1019af5f171a2788c926",
        size: 3_997_992,
    },
];

/// An ELF that can run in a bank.
#[derive(Clone)]
pub struct Program {
    /// Where it was read from.
    pub path: PathBuf,
    /// The ELF, without what an account may have before and behind it.
    pub elf: Arc<[u8]>,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The SHA-256 of the whole file.
    pub file_sha256: String,
    /// The SHA-256 of the ELF without any zeros at its end, which verifiable builds are compared by.
    pub stripped_sha256: String,
    release: Option<&'static Release>,
}

/// Why a file is no program.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not an ELF for Solana, or only a part of one.
    #[error("{} is not a program: {reason}", path.display())]
    NotElf {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// No file was named, and none of the known releases is in the cache.
    #[error("no program: name one with --program FILE, or bring drift-2.83.so into {} with `harness program fetch`", folder.display())]
    None {
        /// The cache folder.
        folder: PathBuf,
    },
}

impl Program {
    /// Reads `path`, which must hold a whole ELF for Solana: as it was built, as `solana program dump` writes it, with zeros
    /// behind it, or a program-data account as a cluster keeps it.
    ///
    /// # Errors
    /// [`ProgramError::Read`] and [`ProgramError::NotElf`].
    pub fn read(path: &Path) -> Result<Self, ProgramError> {
        let file = std::fs::read(path).map_err(|source| ProgramError::Read {
            path: path.to_owned(),
            source,
        })?;
        let whole = elf::within(&file);
        inspect(whole).map_err(|reason| ProgramError::NotElf {
            path: path.to_owned(),
            reason,
        })?;
        let elf = elf::own(whole);
        let stripped = sha256(elf::without_zeros(elf));
        Ok(Self {
            path: path.to_owned(),
            file_sha256: sha256(&file),
            release: RELEASES.iter().find(|known| known.stripped_sha256 == stripped),
            stripped_sha256: stripped,
            sha256: sha256(elf),
            elf: elf.into(),
        })
    }

    /// The program in the cache whose release stands first among [`RELEASES`]; files of other contents are passed over.
    ///
    /// # Errors
    /// [`ProgramError::None`] where there is none.
    pub fn from_cache() -> Result<Self, ProgramError> {
        let rank = |program: &Self| RELEASES.iter().position(|known| Some(known) == program.release);
        cached_programs()
            .into_iter()
            .filter_map(|path| Self::read(&path).ok())
            .filter(|program| rank(program).is_some())
            .min_by_key(rank)
            .ok_or_else(|| ProgramError::None {
                folder: cache_folder(),
            })
    }

    /// Whether `sha256`, in lower case, is one of its hashes: of the ELF, with or without the zeros at its end, or of the file.
    pub fn has_hash(&self, sha256: &str) -> bool {
        [&self.sha256, &self.stripped_sha256, &self.file_sha256]
            .into_iter()
            .any(|own| own == sha256)
    }

    /// The release that this is, by the hash of its ELF without the zeros at its end.
    pub fn release(&self) -> Option<&'static Release> {
        self.release
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.release() {
            Some(release) => write!(f, "Drift {}", release.version)?,
            None => write!(f, "unknown program {}", self.path.display())?,
        }
        write!(f, " (sha256 {})", self.sha256)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where programs are kept: `harness/programs` in `XDG_CACHE_HOME`, or in `.cache` of the home folder.
pub fn cache_folder() -> PathBuf {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("XDG_CACHE_HOME")
        // The standard has relative paths ignored.
        .filter(|path| path.is_absolute())
        .or_else(|| Some(variable("HOME")?.join(".cache")))
        .unwrap_or_else(|| PathBuf::from(".cache"))
        .join("harness")
        .join("programs")
}

/// The `.so` files in [`cache_folder`], by name.
pub fn cached_programs() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cache_folder()).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "so"))
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text.so");
        assert!(matches!(Program::read(&path), Err(ProgramError::Read { .. })));
        std::fs::write(&path, "not an ELF").unwrap();
        let refusal = Program::read(&path).unwrap_err();
        assert!(matches!(refusal, ProgramError::NotElf { .. }));
        assert!(refusal.to_string().contains("text.so"), "{refusal}");
    }
}
