//! Getting a program: from a file, a web server or a cluster, by its hash.

use super::chain;
use super::download::{LARGEST, body, client, send, shown};
use super::elf::{self, inspect, sha256};
use super::error::FetchError;
use crate::staged::StagedFile;
use drift::key::Pubkey;
use reqwest::Url;
use reqwest::blocking::Client;
use std::io::{Read, Write};
use std::path::Path;

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
        Ok(bytes) => match inspect(elf::within(&bytes)) {
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

/// The part of `bytes` with the hash asked for: all of them, the ELF with what follows it, or the ELF as far as it reaches,
/// which its hash without the zeros at its end means as well.
///
/// A program-data account has a header before the ELF and room for larger builds behind it, and `solana program dump` writes
/// that room out too; verifiable builds are compared without any zeros at the end.
fn verified(bytes: Vec<u8>, request: &Request, url: &str) -> Result<Vec<u8>, FetchError> {
    let whole = elf::within(&bytes);
    inspect(whole).map_err(|reason| FetchError::NotElf {
        url: url.to_owned(),
        reason,
    })?;
    let own = elf::own(whole);
    let known = request
        .size
        .and_then(|size| whole.get(..usize::try_from(size).ok()?));
    let asked = |part: &&[u8]| sha256(part) == request.sha256;
    let parts = [Some(own), known, Some(whole), Some(&bytes)];
    if let Some(part) = parts.into_iter().flatten().find(asked) {
        return Ok(part.to_vec());
    }
    // The ELF's own zeros belong to it, though this hash leaves them out.
    if asked(&elf::without_zeros(whole)) {
        return Ok(own.to_vec());
    }
    Err(FetchError::Hash {
        url: url.to_owned(),
        found: sha256(own),
        size: own.len(),
        expected: request.sha256.clone(),
    })
}
