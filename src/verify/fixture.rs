//! Recorded instructions: one JSON object a line, plain or gzipped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use drift::accounts::{Account, Pubkey};
use drift::clock::Clock;
use drift::instruction::AccountMeta;
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// One instruction: what it was given, and what the program did.
#[derive(Debug)]
pub struct Fixture {
    /// Name in the interface.
    pub instruction: String,
    /// Discriminator and arguments.
    pub data: Vec<u8>,
    /// When it ran.
    pub clock: Clock,
    /// The accounts it named.
    pub metas: Vec<AccountMeta>,
    /// Their contents before, in the same order.
    pub before: Vec<Account>,
    /// Their contents after.
    pub after: Vec<Account>,
    /// The custom error number it was refused with, if it was.
    pub error: Option<u32>,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// The file cannot be opened.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not a fixture.
    #[error("{}, line {line}: {reason}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// The fixtures of a file, in order.
pub struct Fixtures {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    line: usize,
}

impl Fixtures {
    /// Opens a file; gzip is recognised by its first bytes, not by its name.
    pub fn open(path: &Path) -> Result<Self, FixtureError> {
        let failed = |source| FixtureError::Open {
            path: path.to_owned(),
            source,
        };
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        let gzipped = file.fill_buf().map_err(failed)?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn Read> = if gzipped {
            Box::new(flate2::bufread::MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        Ok(Self {
            path: path.to_owned(),
            reader: Box::new(BufReader::new(reader)),
            line: 0,
        })
    }
}

impl Iterator for Fixtures {
    /// The line's number, counted from 1, and what it holds.
    type Item = Result<(usize, Fixture), FixtureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut text = Vec::new();
        loop {
            self.line += 1;
            text.clear();
            let read = self.reader.read_until(b'\n', &mut text);
            let parsed = match read {
                Ok(0) => return None,
                Ok(_) if text.trim_ascii().is_empty() => continue,
                Ok(_) => parse(&text),
                Err(error) => Err(error.to_string()),
            };
            let (path, line) = (self.path.clone(), self.line);
            return Some(match parsed {
                Ok(fixture) => Ok((line, fixture)),
                Err(reason) => Err(FixtureError::Line { path, line, reason }),
            });
        }
    }
}

#[derive(Deserialize)]
struct Line {
    instruction: String,
    data: String,
    slot: u64,
    unix_timestamp: i64,
    accounts: Vec<LineAccount>,
    ok: bool,
    error_code: Option<u32>,
}

#[derive(Deserialize)]
struct LineAccount {
    key: String,
    signer: bool,
    writable: bool,
    /// `None` where the field is absent, `Some(None)` where it is null.
    #[serde(default, deserialize_with = "present")]
    before: Option<Option<Contents>>,
    #[serde(default, deserialize_with = "present")]
    after: Option<Option<Contents>>,
}

#[derive(Deserialize)]
struct Contents {
    owner: String,
    data: String,
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<Contents>>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

fn parse(text: &[u8]) -> Result<Fixture, String> {
    let line: Line = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let error = match (line.ok, line.error_code) {
        (true, _) => None,
        (false, Some(code)) => Some(code),
        (false, None) => return Err("refused, but without an `error_code`".to_owned()),
    };
    let mut fixture = Fixture {
        instruction: line.instruction,
        data: STANDARD
            .decode(&line.data)
            .map_err(|error| format!("data: {error}"))?,
        clock: Clock {
            slot: line.slot,
            unix_timestamp: line.unix_timestamp,
        },
        metas: Vec::with_capacity(line.accounts.len()),
        before: Vec::with_capacity(line.accounts.len()),
        after: Vec::with_capacity(line.accounts.len()),
        error,
    };
    for account in &line.accounts {
        let before = contents(account.before.as_ref())?;
        fixture.after.push(if account.after.is_some() {
            contents(account.after.as_ref())?
        } else {
            before.clone()
        });
        fixture.before.push(before);
        let key = address(&account.key)?;
        fixture
            .metas
            .push(AccountMeta::new(key, account.signer, account.writable));
    }
    Ok(fixture)
}

fn contents(field: Option<&Option<Contents>>) -> Result<Account, String> {
    match field {
        None => Ok(Account::Opaque),
        Some(None) => Ok(Account::Absent),
        Some(Some(contents)) => {
            let data = STANDARD
                .decode(&contents.data)
                .map_err(|error| format!("account data: {error}"))?;
            Ok(Account::decode(address(&contents.owner)?, &data))
        }
    }
}

fn address(text: &str) -> Result<Pubkey, String> {
    text.parse()
        .map_err(|error: drift::key::NotAnAddress| error.to_string())
}
