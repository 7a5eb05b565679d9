//! What an ELF says of itself.

/// Facts about a program's ELF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElfFacts {
    /// Version of the SBPF instruction set.
    pub sbpf_version: u32,
}

/// Size of the header of a 64-bit ELF.
const HEADER_BYTES: usize = 64;
/// The machines of Solana programs: BPF, and SBPF's own number.
const MACHINES: [u64; 2] = [247, 263];

/// Checks that `elf` is a whole program, and says what is in it.
///
/// # Errors
/// What is wrong, in words.
pub fn inspect(elf: &[u8]) -> Result<ElfFacts, &'static str> {
    if !elf.starts_with(b"\x7fELF") {
        return Err("it does not begin as an ELF does");
    }
    if elf.len() < HEADER_BYTES {
        return Err("it ends within the ELF header");
    }
    // 64-bit and little-endian.
    if elf[4..6] != [2, 1] {
        return Err("it is not a 64-bit little-endian ELF");
    }
    let number = |at: usize, bytes: usize| {
        elf[at..at + bytes]
            .iter()
            .rev()
            .fold(0u64, |value, byte| value << 8 | u64::from(*byte))
    };
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
