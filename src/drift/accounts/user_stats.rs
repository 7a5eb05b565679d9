use super::layout::layout;
use super::*;

layout! {
    UserStats: 8 {
        authority: Pubkey,
        referrer: Pubkey,
        fees: UserFees,
        next_epoch_ts: i64,
        maker_volume_30d: u64,
        taker_volume_30d: u64,
        filler_volume_30d: u64,
        last_maker_volume_30d_ts: i64,
        last_taker_volume_30d_ts: i64,
        last_filler_volume_30d_ts: i64,
        if_staked_quote_asset_amount: u64,
        number_of_sub_accounts: u16,
        number_of_sub_accounts_created: u16,
        is_referrer: Bool,
        disable_update_perp_bid_ask_twap: Bool,
        padding: [u8; 50],
    }

    UserFees: 8 {
        total_fee_paid: u64,
        total_fee_rebate: u64,
        total_token_discount: u64,
        total_referee_discount: u64,
        total_referrer_reward: u64,
        current_epoch_referrer_reward: u64,
    }
}
