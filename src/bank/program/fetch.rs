//! Getting a program: from a file, a web server or a cluster, by its hash.

use super::download::{LARGEST, body, client, send, shown};
use super::{chain, elf, inspect, sha256};
use crate::staged::StagedFile;
use drift::key::Pubkey;
use reqwest::Url;
use reqwest::blocking::Client;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// What an address is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Whichever of the two it turns out to be.
    #[default]
    Either,
    /// The ELF itself.
    File,
    /// An RPC endpoint of a cluster.
    Rpc,
}

/// Which program, and where from.
#[derive(Clone, Debug)]
pub struct Request {
    /// An `http`, `https` or `file` URL.
    pub url: String,
    /// What is there.
    pub source: Source,
    /// The program's address, for a cluster.
    pub program: Pubkey,
    /// SHA-256 of the ELF, in lower-case hexadecimal.
    pub sha256: String,
    /// The ELF's size in bytes, where it is known.
    pub size: Option<u64>,
}

/// Why a program was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is none.
    #[error("`{0}` is no address to fetch from: an http://, https:// or file:/// URL is needed")]
    Url(String),
    /// The system has no trusted certificates, or the like.
    #[error("cannot make requests: {0}")]
    Client(String),
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nobody answers.
    #[error("cannot reach {url}: {reason}; check the address and the connection")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server answers, but not with the file.
    #[error("{url} answers {status}; check the address")]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: reqwest::StatusCode,
    },
    /// The connection ended early.
    #[error("{url} is cut off after {read} bytes: {reason}; try again")]
    CutOff {
        /// The address.
        url: String,
        /// Bytes that came.
        read: usize,
        /// Why.
        reason: String,
    },
    /// More than any program has.
    #[error("{url} has more than {limit} bytes, which no program has; check the address")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// It is not an ELF for Solana, or only a part of one.
    #[error("what {url} has is not a program: {reason}")]
    NotElf {
        /// The address.
        url: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// It is another program.
    #[error(
        "{url} has another program: sha256 {found} ({size} bytes) instead of {expected}; \
         fetch from elsewhere, or ask for that one with `--sha256 {found}`"
    )]
    Hash {
        /// The address.
        url: String,
        /// The hash of what is there.
        found: String,
        /// Its size in bytes.
        size: usize,
        /// The hash that was asked for.
        expected: String,
    },
    /// Neither a program nor an RPC endpoint.
    #[error("{url} has no program ({file}), and is no RPC endpoint ({rpc}); check the address")]
    Neither {
        /// The address.
        url: String,
        /// Why it is no program.
        file: String,
        /// Why it is no endpoint.
        rpc: String,
    },
    /// It does not answer as an RPC endpoint does.
    #[error("{url} does not answer as an RPC endpoint: {reason}; for a plain file use `--from file`")]
    NoEndpoint {
        /// The address.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The endpoint refuses to say.
    #[error("the RPC endpoint {url} refuses: {message} ({code}); try another one")]
    Refused {
        /// The address.
        url: String,
        /// The JSON-RPC error code.
        code: i64,
        /// The endpoint's words.
        message: String,
    },
    /// The cluster does not have it.
    #[error(
        "there is no account {program} in the cluster behind {url}; check `--program-id`, and which cluster it is"
    )]
    NoProgram {
        /// The program's address.
        program: Pubkey,
        /// The endpoint.
        url: String,
    },
    /// Of a kind without a program-data account.
    #[error("{program} is not an upgradeable program: its account belongs to {owner}; check `--program-id`")]
    NotUpgradeable {
        /// The program's address.
        program: Pubkey,
        /// Who owns the account.
        owner: Pubkey,
    },
    /// Closed, or not a program but a buffer.
    #[error("{program} has no program data: it was closed, or is no program; check `--program-id`")]
    NoProgramData {
        /// The program's address.
        program: Pubkey,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Gets the ELF that `request` asks for; what comes back has its hash.
///
/// # Errors
/// [`FetchError`].
pub fn fetch(request: &Request) -> Result<Vec<u8>, FetchError> {
    let no_address = || FetchError::Url(request.url.clone());
    let url: Url = request.url.parse().map_err(|_| no_address())?;
    let bytes = match (url.scheme(), request.source) {
        ("file", Source::Either | Source::File) => read(&url.to_file_path().map_err(|()| no_address())?)?,
        ("http" | "https", source) => {
            let client = client()?;
            match source {
                Source::File => get(&client, &url)?,
                Source::Rpc => chain::program_data(&client, &url, request.program)?,
                Source::Either => either(&client, &url, request.program)?,
            }
        }
        _ => return Err(no_address()),
    };
    verified(bytes, request, &shown(&url))
}

/// Writes a program to `target`, whole or not at all.
///
/// # Errors
/// [`FetchError::Write`].
pub fn save(elf: &[u8], target: &Path) -> Result<(), FetchError> {
    let write = || {
        let mut file = StagedFile::create(target)?;
        file.write_all(elf)?;
        file.finish()
    };
    write().map_err(|source| FetchError::Write {
        path: target.to_owned(),
        source,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|source| FetchError::Read {
            path: path.to_owned(),
            source,
        })?;
    if bytes.len() as u64 > LARGEST {
        return Err(FetchError::TooLarge {
            url: path.display().to_string(),
            limit: LARGEST,
        });
    }
    Ok(bytes)
}

fn get(client: &Client, url: &Url) -> Result<Vec<u8>, FetchError> {
    let response = send(client.get(url.clone()), url)?;
    match response.status() {
        status if status.is_success() => body(response, url, LARGEST),
        status => Err(FetchError::Status {
            url: shown(url),
            status,
        }),
    }
}

/// An address that gives an ELF when it is simply read is a file; any other is asked as an RPC endpoint.
fn either(client: &Client, url: &Url, program: Pubkey) -> Result<Vec<u8>, FetchError> {
    let file = match get(client, url) {
        Ok(bytes) => match inspect(&bytes) {
            Err(reason) if !bytes.starts_with(elf::MAGIC) => reason.to_owned(),
            _ => return Ok(bytes),
        },
        Err(FetchError::Status { status, .. }) => status.to_string(),
        Err(error) => return Err(error),
    };
    chain::program_data(client, url, program).map_err(|error| match error {
        FetchError::NoEndpoint { url, reason: rpc } => FetchError::Neither { url, file, rpc },
        other => other,
    })
}

/// The part of `bytes` that has the hash asked for: all of it or, where zeros follow the ELF, what comes before them.
///
/// A program-data account has room for larger builds, and `solana program dump` writes that room out too, so a hash
/// may be of the ELF with or without it.
fn verified(mut bytes: Vec<u8>, request: &Request, url: &str) -> Result<Vec<u8>, FetchError> {
    inspect(&bytes).map_err(|reason| FetchError::NotElf {
        url: url.to_owned(),
        reason,
    })?;
    let whole = bytes.len() as u64;
    let ends = [Some(whole), request.size, elf::length(&bytes)];
    let parts: Vec<&[u8]> = ends
        .into_iter()
        .flatten()
        .filter_map(|end| bytes.split_at_checked(usize::try_from(end).ok()?))
        .filter(|(_, padding)| padding.iter().all(|byte| *byte == 0))
        .map(|(part, _)| part)
        .collect();
    match parts.iter().find(|part| sha256(part) == request.sha256) {
        Some(part) => {
            let length = part.len();
            bytes.truncate(length);
            Ok(bytes)
        }
        None => {
            let bare = parts.last().copied().unwrap_or(&bytes);
            Err(FetchError::Hash {
                url: url.to_owned(),
                found: sha256(bare),
                size: bare.len(),
                expected: request.sha256.clone(),
            })
        }
    }
}
