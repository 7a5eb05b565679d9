use super::layout::layout;
use super::*;

layout! {
    State: 1 {
        admin: Pubkey,
        whitelist_mint: Pubkey,
        discount_mint: Pubkey,
        signer: Pubkey,
        srm_vault: Pubkey,
        perp_fee_structure: FeeStructure,
        spot_fee_structure: FeeStructure,
        oracle_guard_rails: OracleGuardRails,
        number_of_authorities: u64,
        number_of_sub_accounts: u64,
        lp_cooldown_time: u64,
        liquidation_margin_buffer_ratio: u32,
        settlement_duration: u16,
        number_of_markets: u16,
        number_of_spot_markets: u16,
        signer_nonce: u8,
        min_perp_auction_duration: u8,
        default_market_order_time_in_force: u8,
        default_spot_auction_duration: u8,
        exchange_status: u8,
        liquidation_duration: u8,
        initial_pct_to_liquidate: u16,
        max_number_of_sub_accounts: u16,
        max_initialize_user_fee: u16,
        padding: [u8; 10],
    }

    OracleGuardRails: 1 {
        price_divergence: PriceDivergenceGuardRails,
        validity: ValidityGuardRails,
    }

    PriceDivergenceGuardRails: 1 {
        mark_oracle_percent_divergence: u64,
        oracle_twap_5min_percent_divergence: u64,
    }

    ValidityGuardRails: 1 {
        slots_before_stale_for_amm: i64,
        slots_before_stale_for_margin: i64,
        confidence_interval_max_size: u64,
        too_volatile_ratio: i64,
    }

    FeeStructure: 1 {
        fee_tiers: [FeeTier; 10],
        filler_reward_structure: OrderFillerRewardStructure,
        referrer_reward_epoch_upper_bound: u64,
        flat_filler_fee: u64,
    }

    FeeTier: 1 {
        fee_numerator: u32,
        fee_denominator: u32,
        maker_rebate_numerator: u32,
        maker_rebate_denominator: u32,
        referrer_reward_numerator: u32,
        referrer_reward_denominator: u32,
        referee_fee_numerator: u32,
        referee_fee_denominator: u32,
    }

    OrderFillerRewardStructure: 1 {
        reward_numerator: u32,
        reward_denominator: u32,
        time_based_reward_lower_bound: u128,
    }
}

// Packed to one byte, the layout is the Borsh form.
macro_rules! borsh_as_laid_out {
    ($($name:ident),*) => {$(
        impl borsh::BorshSerialize for $name {
            fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
                writer.write_all(bytemuck::bytes_of(self))
            }
        }

        impl borsh::BorshDeserialize for $name {
            fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
                let mut value = Self::default();
                reader.read_exact(bytemuck::bytes_of_mut(&mut value))?;
                Ok(value)
            }
        }
    )*};
}
borsh_as_laid_out!(OracleGuardRails, FeeStructure);
