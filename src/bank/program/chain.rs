//! A program as a cluster keeps it: an account that names another, which holds the ELF.

use super::download::{LARGEST, body, send, shown};
use super::elf::PROGRAM_DATA;
use super::error::FetchError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use drift::key::Pubkey;
use reqwest::Url;
use reqwest::blocking::Client;
use serde::Deserialize;
use serde_json::json;

/// The loader of programs that can be replaced.
const UPGRADEABLE_LOADER: Pubkey = Pubkey::from_base58("BPFLoaderUpgradeab1e11111111111111111111111");
/// How the loader marks a program's account, which holds the address of the one with its ELF.
const PROGRAM: [u8; 4] = 2u32.to_le_bytes();
/// The largest answer: an account in base 64, and the words around it.
const LARGEST_ANSWER: u64 = LARGEST / 3 * 4 + 64 * 1024;

/// The program-data account of `program`, header included, by the RPC endpoint at `url`.
pub(super) fn program_data(client: &Client, url: &Url, program: Pubkey) -> Result<Vec<u8>, FetchError> {
    let endpoint = Endpoint { client, url };
    let account = endpoint.account(program)?.ok_or_else(|| FetchError::NoProgram {
        program,
        url: shown(url),
    })?;
    if account.owner != UPGRADEABLE_LOADER {
        return Err(FetchError::NotUpgradeable {
            program,
            owner: account.owner,
        });
    }
    let no_data = FetchError::NoProgramData { program };
    let holder = match account.data.strip_prefix(&PROGRAM) {
        Some(rest) => rest.first_chunk().map(|key| Pubkey(*key)),
        None => None,
    };
    let Some(holder) = holder else { return Err(no_data) };
    match endpoint.account(holder)? {
        Some(account) if account.owner == UPGRADEABLE_LOADER && account.data.starts_with(&PROGRAM_DATA) => {
            Ok(account.data)
        }
        _ => Err(no_data),
    }
}

struct Endpoint<'a> {
    client: &'a Client,
    url: &'a Url,
}

struct Account {
    owner: Pubkey,
    data: Vec<u8>,
}

#[derive(Deserialize)]
struct Answer {
    result: Option<Found>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Found {
    value: Option<Encoded>,
}

#[derive(Deserialize)]
struct Encoded {
    owner: String,
    /// The bytes as text, and in which encoding.
    data: (String, String),
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    message: String,
}

impl Endpoint<'_> {
    // With a request of our own: solana-rpc-client sets no limit to an answer, and panics over an account whose text
    // is no base 64.
    fn account(&self, key: Pubkey) -> Result<Option<Account>, FetchError> {
        let request = json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "getAccountInfo",
            "params": [key.to_string(), {"encoding": "base64", "commitment": "finalized"}],
        });
        let post = self.client.post(self.url.clone());
        let post = post
            .header("content-type", "application/json")
            .body(request.to_string());
        let response = send(post, self.url)?;
        let status = response.status();
        let text = body(response, self.url, LARGEST_ANSWER)?;
        let no_answer = |reason: String| FetchError::NoEndpoint {
            url: shown(self.url),
            reason,
        };
        let answer: Answer = match serde_json::from_slice(&text) {
            Ok(answer) => answer,
            Err(_) if !status.is_success() => return Err(no_answer(status.to_string())),
            Err(error) => return Err(no_answer(error.to_string())),
        };
        match answer {
            Answer {
                error: Some(Refusal { code, message }),
                ..
            } => Err(FetchError::Refused {
                url: shown(self.url),
                code,
                message,
            }),
            Answer {
                result: Some(found), ..
            } => found.value.map(Account::decode).transpose().map_err(no_answer),
            _ => Err(no_answer("neither a result nor an error".to_owned())),
        }
    }
}

impl Account {
    fn decode(from: Encoded) -> Result<Self, String> {
        let (text, encoding) = from.data;
        if encoding != "base64" {
            return Err(format!("the account is in {encoding}, not in base64"));
        }
        Ok(Self {
            owner: from
                .owner
                .parse()
                .map_err(|error: drift::key::NotAnAddress| error.to_string())?,
            data: STANDARD.decode(text).map_err(|error| error.to_string())?,
        })
    }
}
