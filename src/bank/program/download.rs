//! Bytes from an address, with limits on their number and on the time a server may take.

use super::error::FetchError;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Url;
use reqwest::blocking::{Client, RequestBuilder, Response};
use std::io::Read;
use std::time::Duration;

/// The largest ELF worth reading: an account on chain holds at most 10 MiB.
pub(super) const LARGEST: u64 = 10 * 1024 * 1024;
/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);
const CHUNK: usize = 64 * 1024;

/// A client that gives up in time.
pub(super) fn client() -> Result<Client, FetchError> {
    Client::builder()
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .user_agent(concat!("harness/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| FetchError::Client(causes(&error)))
}

/// Sends `request`; an answer of any status is one.
pub(super) fn send(request: RequestBuilder, url: &Url) -> Result<Response, FetchError> {
    request.send().map_err(|error| FetchError::Unreachable {
        url: shown(url),
        reason: causes(&error.without_url()),
    })
}

/// The whole body of `response`, of at most `limit` bytes.
pub(super) fn body(mut response: Response, url: &Url, limit: u64) -> Result<Vec<u8>, FetchError> {
    let too_large = || FetchError::TooLarge {
        url: shown(url),
        limit,
    };
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let bar = bar(announced);
    let mut bytes = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = response.read(&mut chunk).map_err(|error| FetchError::CutOff {
            url: shown(url),
            read: bytes.len(),
            reason: causes(&error),
        })?;
        if read == 0 {
            bar.finish_and_clear();
            return Ok(bytes);
        }
        bytes.extend(chunk.iter().take(read));
        bar.set_position(bytes.len() as u64);
        if bytes.len() as u64 > limit {
            return Err(too_large());
        }
    }
}

/// A bar on a terminal, nothing elsewhere.
fn bar(length: Option<u64>) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (
            ProgressBar::new(length),
            "{bar:40} {bytes} of {total_bytes}, {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// An address as it may be shown: what follows `?`, and a password, may be somebody's key.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let bare = url.set_password(None).is_ok() && url.set_username("").is_ok();
    url.set_query(None);
    url.set_fragment(None);
    if bare || url.password().is_none() {
        url.to_string()
    } else {
        url.host_str().unwrap_or_default().to_owned()
    }
}

/// An error with what caused it, to the root, without saying anything twice.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_shown() {
        let url: Url = "https://me:secret@example.com/v2?api-key=secret#secret"
            .parse()
            .unwrap();
        assert_eq!(shown(&url), "https://example.com/v2");
        assert_eq!(shown(&"file:///tmp/x.so".parse().unwrap()), "file:///tmp/x.so");
    }
}
