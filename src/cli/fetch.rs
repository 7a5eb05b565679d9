//! `harness program fetch`.

use super::Outcome;
use crate::bank::{Program, RELEASES, Release, Request, Source, cache_folder, fetch, save};
use clap::{Args, ValueEnum};
use drift::key::{DRIFT, Pubkey};
use miette::{IntoDiagnostic, miette};
use std::path::PathBuf;

/// Get a program, check its hash, and put it into the cache folder.
///
/// The URL is that of the ELF itself (http, https or file) or of an RPC endpoint of a cluster, which is asked for the
/// program's account and then for its program-data account, as `solana program dump` does. No host is trusted: what comes
/// back must have the release's sha256, or the one given with --sha256. That may be the hash of all that is there, of the
/// ELF alone, or of the ELF without the zeros at its end, as verifiable builds state it. Nothing is written before the hash
/// is right, and the file then takes its place whole, over whatever was there.
///
/// Exits 0 when the program is in its place, 2 when it is not; nothing is left behind then.
#[derive(Debug, Args)]
pub struct Fetch {
    /// A known release (2.83 or 2.31); where neither it nor --sha256 is given, the one that the engine follows, 2.83.
    #[arg(value_name = "RELEASE")]
    release: Option<String>,
    /// Where to get it: an http(s) or file URL of the ELF, or an RPC endpoint.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// What the URL is; where not given, an address that gives an ELF when it is read is a file, and any other an RPC endpoint.
    #[arg(long, value_enum, value_name = "KIND")]
    from: Option<Kind>,
    /// The program's address in the cluster.
    #[arg(long, value_name = "ADDRESS", default_value_t = DRIFT)]
    program_id: Pubkey,
    /// The ELF's SHA-256 in hexadecimal, for a program that is no known release; that of a verifiable build will do.
    #[arg(long, value_name = "HEX", value_parser = hash)]
    sha256: Option<String>,
    /// The file to write; where not given, drift-<RELEASE>.so or program-<first 12 digits of the sha256>.so in the cache
    /// folder.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// The ELF itself.
    File,
    /// An RPC endpoint of a cluster.
    Rpc,
}

/// A SHA-256 in hexadecimal, in lower case.
fn hash(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a sha256 has 64 hexadecimal digits".to_owned())
    }
}

impl Fetch {
    pub fn run(self) -> Outcome {
        let (sha256, release) = self.wanted()?;
        let name = match release {
            Some(release) => format!("drift-{}.so", release.version),
            None => format!("program-{}.so", sha256.get(..12).unwrap_or(&sha256)),
        };
        let target = self.out.clone().unwrap_or_else(|| cache_folder().join(name));
        if Program::read(&target).is_ok_and(|program| program.has_hash(&sha256)) {
            say!("{} is there already, with sha256 {sha256}", target.display());
            return Ok(());
        }
        let Some(url) = self.url else {
            return Err(miette!(
                "no address to fetch from: give --url, that of an RPC endpoint or of the ELF itself (http, https or file); \
                 no host is trusted by default"
            ));
        };
        let request = Request {
            url,
            source: match self.from {
                None => Source::Either,
                Some(Kind::File) => Source::File,
                Some(Kind::Rpc) => Source::Rpc,
            },
            program: self.program_id,
            size: release.map(|release| release.size),
            sha256,
        };
        let elf = fetch(&request).into_diagnostic()?;
        save(&elf, &target).into_diagnostic()?;
        let program = Program::read(&target).into_diagnostic()?;
        say!("{}: {program}, {} bytes", target.display(), elf.len());
        if program.file_sha256 != program.sha256 {
            say!(
                "the file, which has more than the ELF, has sha256 {}",
                program.file_sha256
            );
        }
        Ok(())
    }

    /// The hash to insist on, and the release that has it.
    fn wanted(&self) -> miette::Result<(String, Option<&'static Release>)> {
        let asked = self.release.as_deref();
        let named = asked.map(|version| {
            RELEASES
                .iter()
                .find(|release| release.version == version)
                .ok_or_else(|| {
                    let known: Vec<_> = RELEASES.iter().map(|release| release.version).collect();
                    miette!(
                        "no release `{version}` is known, only {}; for another program leave it out and give --sha256",
                        known.join(" and ")
                    )
                })
        });
        let named = named.transpose()?;
        match (&self.sha256, named) {
            (Some(hash), Some(release)) if !release.has_hash(hash) => Err(miette!(
                "release {} has another sha256, {}: leave out one of the two",
                release.version,
                release.sha256
            )),
            (Some(hash), _) => {
                let known = RELEASES.iter().find(|release| release.has_hash(hash));
                Ok((hash.clone(), known))
            }
            (None, release) => {
                let [newest, ..] = &RELEASES;
                let release = release.unwrap_or(newest);
                Ok((release.sha256.to_owned(), Some(release)))
            }
        }
    }
}
