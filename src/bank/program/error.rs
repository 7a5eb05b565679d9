//! What can go wrong on the way to a program.

use drift::key::Pubkey;
use std::path::PathBuf;

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
