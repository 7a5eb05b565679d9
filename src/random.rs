//! Random numbers that depend on nothing but names.
//!
//! Whatever needs chance asks for a [`stream`] by what it is for: the seed of the sweep, the replicate, the [`Purpose`] and an index within
//! it. Threads, clocks and the order of asking do not enter, so any trial can be run again alone, and replicate `k` meets the same chance at
//! every point of a sweep.
//!
//! # The derivation, version 1
//!
//! Results on disk are reproducible only as long as this stays as it is: it is part of the file format. The SHA-256 of these bytes
//!
//! | bytes | content |
//! |---|---|
//! | 17 | `harness.stream.v1`, ASCII |
//! | 1 | zero |
//! | any | the purpose's [label](Purpose::label), ASCII |
//! | 1 | zero |
//! | 8 | seed, little-endian |
//! | 8 | replicate, little-endian |
//! | 8 | index, little-endian |
//!
//! gives 32 bytes. The first 16, read little-endian, are the initial state, the last 16 the stream number that the PCG64 generator
//! (PCG XSL RR 128/64 of M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
//! Generation", 2014) is constructed with. The generator drops the highest bit of the stream number.

pub use rand_pcg::Pcg64;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::HashMap;

const TAG: &[u8] = b"harness.stream.v1";

/// What a stream of random numbers is for.
///
/// A label, once released, keeps its meaning. A new purpose is a new variant with a label of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// An oracle's price path; index: the number of the oracle in the scenario.
    PricePath,
    /// The decisions of one agent; index: the number of the agent in the scenario.
    Agent,
    /// The starting state of a trial where the scenario leaves it to chance; index: chosen by the scenario.
    World,
    /// The choice of a sweep's points (random, Latin hypercube, scrambled Sobol'); replicate 0; index: the number of the parameter block.
    Design,
    /// Resampling of results for confidence intervals; replicate 0; index: chosen by the summary.
    Resample,
    /// Which trials of a sweep are sampled; replicate 0; index: chosen by the sampler.
    Sample,
    /// When an oracle is out; index: the number of the oracle in the scenario, or the largest number there is for all oracles together.
    Outages,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Purpose; 7] = [
        Purpose::PricePath,
        Purpose::Agent,
        Purpose::World,
        Purpose::Design,
        Purpose::Resample,
        Purpose::Sample,
        Purpose::Outages,
    ];

    /// The name that enters the hash: ASCII without zero bytes.
    pub const fn label(self) -> &'static str {
        match self {
            Purpose::PricePath => "price_path",
            Purpose::Agent => "agent",
            Purpose::World => "world",
            Purpose::Design => "design",
            Purpose::Resample => "resample",
            Purpose::Sample => "sample",
            Purpose::Outages => "outages",
        }
    }
}

/// The random numbers of one use in one replicate of one sweep. See the [module](self) for the derivation.
pub fn stream(seed: u64, replicate: u64, purpose: Purpose, index: u64) -> Pcg64 {
    STARTS.with_borrow_mut(|starts| {
        if starts.replicate != (seed, replicate) || starts.known.len() > REMEMBERED {
            starts.known.clear();
            starts.replicate = (seed, replicate);
        }
        let start = starts.known.entry((purpose, index)).or_insert_with(|| {
            let (state, sequence) = state_and_sequence(seed, replicate, purpose, index);
            Pcg64::new(state, sequence)
        });
        start.clone()
    })
}

/// Streams a thread remembers.
const REMEMBERED: usize = 1 << 12;

/// Streams of one replicate as they start.
#[derive(Default)]
struct Starts {
    replicate: (u64, u64),
    known: HashMap<(Purpose, u64), Pcg64, foldhash::fast::FixedState>,
}

thread_local! {
    // The points of a sweep ask for the same streams of a replicate one after another, and a hash costs more than what
    // most agents draw.
    static STARTS: RefCell<Starts> = RefCell::default();
}

fn state_and_sequence(seed: u64, replicate: u64, purpose: Purpose, index: u64) -> (u128, u128) {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(TAG)
        .chain_update([0])
        .chain_update(purpose.label())
        .chain_update([0])
        .chain_update(seed.to_le_bytes())
        .chain_update(replicate.to_le_bytes())
        .chain_update(index.to_le_bytes())
        .finalize()
        .into();
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0u128, |sum, &byte| sum << 8 | u128::from(byte))
    };
    (number(&digest[..16]), number(&digest[16..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use std::collections::HashSet;

    // From Python: hashlib.sha256 over the documented bytes, and a PCG64 written from the paper and checked against the first outputs that
    // the C library's demonstration prints for state 42, stream 54 (86b1da1d72062b68, 1304aa46c9853d39, a3670e9e0dd50358).
    #[test]
    fn streams_are_what_the_format_says() {
        let cases = [
            (
                (0, 0, Purpose::PricePath, 0),
                0x310d1bd49bd173eb7ee67c6d6d91809c,
                0xedf704d306c30a2b45ce0bd2e5b07140,
                [0x53bd692bcf0e8c48, 0x74620e3fc571fd02, 0xc445c74358bfb56c],
            ),
            (
                (1, 2, Purpose::Agent, 3),
                0x9c5faed7983858b85d8612cc8918d015,
                0x516b6d2abcd7d6f814e7c33236409a41,
                [0x9811985ee738bd9e, 0x634048affb6b539f, 0x9b32da734444207f],
            ),
            (
                (u64::MAX, 1000, Purpose::Design, 7),
                0x6a4374d43384f23a83d6c90991576380,
                0x7e4cf19a0945a0a792c2e9ac2fe89d93,
                [0x4617af9a846f807d, 0x50079f62f1e6a8be, 0x427abb5c94ef4891],
            ),
        ];
        for ((seed, replicate, purpose, index), state, sequence, outputs) in cases {
            assert_eq!(
                state_and_sequence(seed, replicate, purpose, index),
                (state, sequence)
            );
            let mut rng = stream(seed, replicate, purpose, index);
            assert_eq!([(); 3].map(|()| rng.next_u64()), outputs);
        }
    }

    #[test]
    fn the_generator_is_pcg64() {
        let mut rng = Pcg64::new(42, 54);
        assert_eq!(rng.next_u64(), 0x86b1da1d72062b68);
        assert_eq!(rng.next_u64(), 0x1304aa46c9853d39);
        assert_eq!(rng.next_u64(), 0xa3670e9e0dd50358);
    }

    #[test]
    fn every_part_of_the_name_matters() {
        let mut seen = HashSet::new();
        for seed in 0..4 {
            for replicate in 0..4 {
                for purpose in Purpose::ALL {
                    for index in 0..4 {
                        assert!(
                            seen.insert(stream(seed, replicate, purpose, index).next_u64()),
                            "{seed} {replicate} {purpose:?} {index} repeats another stream"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn labels_are_distinct_and_cannot_run_into_the_rest_of_the_name() {
        let labels: HashSet<_> = Purpose::ALL.iter().map(|p| p.label()).collect();
        assert_eq!(labels.len(), Purpose::ALL.len());
        for label in labels {
            assert!(label.bytes().all(|b| b.is_ascii_graphic()), "{label}");
        }
    }
}
