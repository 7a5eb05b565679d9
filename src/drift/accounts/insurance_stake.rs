use super::layout::layout;
use super::*;

layout! {
    InsuranceFundStake: 8 {
        authority: Pubkey,
        if_shares: u128,
        last_withdraw_request_shares: u128,
        if_base: u128,
        last_valid_ts: i64,
        last_withdraw_request_value: u64,
        last_withdraw_request_ts: i64,
        cost_basis: i64,
        market_index: u16,
        padding: [u8; 14],
    }
}
