//! Files opened for what their first bytes say they are, whatever their names.

use super::error::RecordingError;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

/// A file opened.
pub(super) enum Opened {
    Text(Box<dyn BufRead>),
    Json(Box<dyn BufRead>),
    #[cfg_attr(not(feature = "tables"), expect(dead_code, reason = "refused by name"))]
    Parquet(File),
}

/// Bytes that are read at once.
const BUFFER: usize = 1 << 18;

/// Opens `file`, decompressed where it is compressed.
pub(super) fn open(file: &Path) -> Result<Opened, RecordingError> {
    let read = |source| RecordingError::Read {
        file: file.to_owned(),
        source,
    };
    let refuse = |problem: String| RecordingError::File {
        file: file.to_owned(),
        problem,
    };
    let mut opened = File::open(file).map_err(read)?;
    let mut start = Vec::new();
    (&mut opened).take(8).read_to_end(&mut start).map_err(read)?;
    opened.rewind().map_err(read)?;
    if start.starts_with(b"PAR1") {
        return Ok(Opened::Parquet(opened));
    }
    let plain: Box<dyn Read> = if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, opened)))
    } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        zstd_reader(opened).map_err(refuse)?
    } else if start.starts_with(b"PK\x03\x04") {
        Box::new(Cursor::new(only_member(opened).map_err(refuse)?))
    } else {
        Box::new(opened)
    };
    let mut text = BufReader::with_capacity(BUFFER, plain);
    let beginning = text.fill_buf().map_err(read)?;
    let first = beginning.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(match first {
        Some(b'{' | b'[') => Opened::Json(Box::new(text)),
        _ => Opened::Text(Box::new(text)),
    })
}

#[cfg(feature = "tables")]
fn zstd_reader(file: File) -> Result<Box<dyn Read>, String> {
    zstd::Decoder::new(file)
        .map(|decoder| Box::new(decoder) as Box<dyn Read>)
        .map_err(|error| error.to_string())
}

#[cfg(not(feature = "tables"))]
fn zstd_reader(_: File) -> Result<Box<dyn Read>, String> {
    Err("is compressed with zstd, which this build cannot read: build it with the feature `tables`".into())
}

/// What is in an archive that holds one file.
fn only_member(file: File) -> Result<Vec<u8>, String> {
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for place in 0..archive.len() {
        let member = archive.by_index(place).map_err(|error| error.to_string())?;
        if member.is_file() {
            files.push(place);
        }
    }
    let [file] = files.as_slice() else {
        let count = files.len();
        return Err(format!(
            "holds {count} files where one is expected: unpack the one you want"
        ));
    };
    let mut member = archive.by_index(*file).map_err(|error| error.to_string())?;
    let mut bytes = Vec::with_capacity(usize::try_from(member.size()).unwrap_or(0).min(1 << 30));
    member
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}
