//! What an ELF says of itself, and where in a file or an account it is.

use sha2::{Digest, Sha256};

/// Facts about a program's ELF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElfFacts {
    /// Version of the SBPF instruction set.
    pub sbpf_version: u32,
}

/// How every ELF begins.
pub(super) const MAGIC: &[u8] = b"\x7fELF";
/// Size of the header of a 64-bit ELF.
const HEADER_BYTES: usize = 64;
/// How a program-data account of the upgradeable loader begins.
pub(super) const PROGRAM_DATA: [u8; 4] = 3u32.to_le_bytes();
/// What such an account has before the ELF: the mark, the slot of the last deployment, whether there is an authority, its
/// address.
const PROGRAM_DATA_HEADER: usize = 4 + 8 + 1 + 32;
/// The machines of Solana programs: BPF, and SBPF's own number.
const MACHINES: [u64; 2] = [247, 263];

/// Checks that `elf` is a whole program, and says what is in it.
///
/// # Errors
/// What is wrong, in words.
pub fn inspect(elf: &[u8]) -> Result<ElfFacts, &'static str> {
    if !elf.starts_with(MAGIC) {
        return Err("it does not begin as an ELF does");
    }
    if elf.len() < HEADER_BYTES {
        return Err("it ends within the ELF header");
    }
    // 64-bit and little-endian.
    if elf[4..6] != [2, 1] {
        return Err("it is not a 64-bit little-endian ELF");
    }
    // Within the header, so always there.
    let number = |at, bytes| number(elf, at, bytes).unwrap_or_default();
    if !MACHINES.contains(&number(18, 2)) {
        return Err("it is for another machine, not for Solana's");
    }
    // Both tables: where they begin, and size and count of their entries.
    for (offset, entry, count) in [(32, 54, 56), (40, 58, 60)] {
        let table = number(entry, 2) * number(count, 2);
        let end = number(offset, 8).checked_add(table);
        if end.is_none_or(|end| end > elf.len() as u64) {
            return Err("it is cut off: a table that the header names lies past the end");
        }
    }
    Ok(ElfFacts {
        sbpf_version: number(48, 4) as u32,
    })
}

/// Where the ELF at the beginning of `bytes` ends: with the header, a table or a section, whichever comes last.
/// What follows is padding. `None` for what [`inspect`] refuses.
pub(super) fn length(bytes: &[u8]) -> Option<u64> {
    inspect(bytes).ok()?;
    let table = |offset, entry, count| {
        let (start, size) = (number(bytes, offset, 8)?, number(bytes, entry, 2)?);
        Some((start, size, number(bytes, count, 2)?))
    };
    let (segments, segment_size, segment_count) = table(32, 54, 56)?;
    let (sections, section_size, section_count) = table(40, 58, 60)?;
    let mut end = (HEADER_BYTES as u64)
        .max(segments + segment_size * segment_count)
        .max(sections + section_size * section_count);
    for section in 0..section_count {
        let at = usize::try_from(sections + section * section_size).ok()?;
        // A section without bytes in the file, such as .bss.
        const NO_BITS: u64 = 8;
        if number(bytes, at + 4, 4)? != NO_BITS {
            end = end.max(number(bytes, at + 24, 8)?.checked_add(number(bytes, at + 32, 8)?)?);
        }
    }
    Some(end)
}

/// The ELF, and what follows it, in `bytes`: these themselves or, where they are a program-data account, what comes
/// behind its header.
pub(super) fn within(bytes: &[u8]) -> &[u8] {
    match bytes.split_at_checked(PROGRAM_DATA_HEADER) {
        Some((header, rest)) if header.starts_with(&PROGRAM_DATA) && rest.starts_with(MAGIC) => rest,
        _ => bytes,
    }
}

/// The ELF at the beginning of `bytes` without the zeros that follow it; all of them where something else follows.
pub(super) fn own(bytes: &[u8]) -> &[u8] {
    let end = length(bytes).and_then(|end| bytes.split_at_checked(usize::try_from(end).ok()?));
    match end {
        Some((elf, room)) if room.iter().all(|byte| *byte == 0) => elf,
        _ => bytes,
    }
}

/// `bytes` without any zeros at the end, the ELF's own included: what verifiable builds are compared by.
pub(super) fn without_zeros(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    &bytes[..end]
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The little-endian number in `size` bytes from `at` on.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(size)?)?.iter().rev();
    Some(digits.fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header without tables.
    fn program(machine: u8, flags: u8) -> Vec<u8> {
        let mut elf = vec![0; HEADER_BYTES];
        elf[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1]);
        (elf[18], elf[48]) = (machine, flags);
        elf
    }

    #[test]
    fn the_flags_are_the_version() {
        assert_eq!(inspect(&program(247, 0)), Ok(ElfFacts { sbpf_version: 0 }));
        assert_eq!(inspect(&program(247, 3)), Ok(ElfFacts { sbpf_version: 3 }));
    }

    #[test]
    fn an_elf_ends_with_its_last_table_or_section() {
        let mut elf = program(247, 0);
        assert_eq!(length(&elf), Some(64));
        // Two section headers from byte 64 on: one of 10 bytes from 192 on, and one of 5,000 that are not in the file.
        (elf[40], elf[58], elf[60]) = (64, 64, 2);
        elf.extend_from_slice(&[0; 128 + 10]);
        (elf[64 + 4], elf[64 + 24], elf[64 + 32]) = (1, 192, 10);
        elf[128 + 4] = 8;
        elf[128 + 32..128 + 34].copy_from_slice(&5_000u16.to_le_bytes());
        assert_eq!(length(&elf), Some(202));
        assert_eq!(length(&[&elf[..], &[0; 99]].concat()), Some(202));
        assert_eq!(length(b"not an ELF"), None);
    }

    #[test]
    fn room_and_headers_are_no_part_of_an_elf() {
        let elf = program(247, 0);
        let account = [&[3, 0, 0, 0][..], &[9; 41], &elf, &[0; 7]].concat();
        assert_eq!(within(&account), [&elf[..], &[0; 7]].concat());
        assert_eq!(within(&elf), elf);
        assert_eq!(own(within(&account)), elf);
        // The header's last byte that is not zero is its machine's, at 18.
        assert_eq!(without_zeros(&elf).len(), 19);
        let other = [&elf[..], &[0, 1]].concat();
        assert_eq!(own(&other), other);
    }

    #[test]
    fn other_files_are_refused() {
        assert!(inspect(b"MZ").is_err());
        assert!(inspect(&program(247, 0)[..40]).is_err());
        // x86-64.
        assert!(inspect(&program(62, 0)).is_err());
        let mut cut = program(247, 0);
        // One section header of 64 bytes, said to begin where the file ends.
        (cut[40], cut[58], cut[60]) = (64, 64, 1);
        assert!(inspect(&cut).unwrap_err().contains("cut off"));
        cut.extend_from_slice(&[0; 64]);
        assert!(inspect(&cut).is_ok());
    }
}
