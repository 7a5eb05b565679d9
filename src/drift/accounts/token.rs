//! SPL token accounts and mints, as far as the program looks at them.

use super::layout::layout;
use super::*;

layout! {
    /// A token account: 165 bytes, amounts in the mint's own decimals.
    TokenAccount: 1 {
        mint: Pubkey,
        owner: Pubkey,
        amount: u64,
        delegate_tag: u32,
        delegate: Pubkey,
        state: u8,
        native_tag: u32,
        native_reserve: u64,
        delegated_amount: u64,
        close_authority_tag: u32,
        close_authority: Pubkey,
    }

    /// A mint: 82 bytes.
    Mint: 1 {
        authority_tag: u32,
        authority: Pubkey,
        supply: u64,
        decimals: u8,
        is_initialized: Bool,
        freeze_authority_tag: u32,
        freeze_authority: Pubkey,
    }
}

impl TokenAccount {
    /// An initialized, empty account of `mint` that `owner` may spend from.
    pub fn new(mint: Pubkey, owner: Pubkey) -> Self {
        Self {
            mint,
            owner,
            state: 1,
            ..Self::default()
        }
    }
}
