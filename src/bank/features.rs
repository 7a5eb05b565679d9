//! The runtime's features.

use agave_feature_set::FeatureSet;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The features that are on in every bank: all that the runtime knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Features {
    /// How many.
    pub count: usize,
    /// SHA-256 of their addresses, 32 bytes each, in ascending order.
    pub sha256: String,
}

/// The features that are on.
pub fn features() -> Features {
    static FEATURES: LazyLock<Features> = LazyLock::new(|| {
        let set = FeatureSet::all_enabled();
        let mut addresses: Vec<[u8; 32]> = set.active().keys().map(|key| key.to_bytes()).collect();
        addresses.sort_unstable();
        let digest = Sha256::digest(addresses.concat());
        Features {
            count: addresses.len(),
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    });
    FEATURES.clone()
}
