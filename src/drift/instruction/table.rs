//! One entry an instruction: name on the wire, arguments, accounts (`s` signs, `w` is written to).

use super::arguments::Argument;
use super::*;
use crate::accounts::{
    AssetTier, ContractTier, FeeStructure, MarketStatus, MarketType, OracleGuardRails, OracleSource,
    PositionDirection,
};
use borsh::{BorshDeserialize, BorshSerialize};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Accounts that a list has room for from the start: most instructions name fewer.
const ROOM: usize = 16;

macro_rules! flag {
    (signer s) => {
        true
    };
    (signer sw) => {
        true
    };
    (writable w) => {
        true
    };
    (writable sw) => {
        true
    };
    ($what:ident $($other:ident)?) => {
        false
    };
}

macro_rules! instructions {
    ($( $(#[$note:meta])* $name:ident($accounts:ident) = $wire:literal { $($arg:ident: $kind:ty),* $(,)? }
        [$($account:ident $($role:ident)?),* $(,)?]; )*) => {
        $(
            $(#[$note])*
            #[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
            #[allow(missing_docs)]
            pub struct $name { $(pub $arg: $kind),* }

            #[doc = concat!("Accounts of `", $wire, "`, in the interface's order.")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            #[allow(missing_docs)]
            pub struct $accounts<T = Pubkey> { $(pub $account: T),* }

            impl $accounts<usize> {
                /// Each account's place in an instruction's list.
                #[allow(unused_assignments)]
                pub fn positions() -> Self {
                    let mut next = 0;
                    $(let $account = next; next += 1;)*
                    Self { $($account),* }
                }
            }

            impl<T: Into<Address> + Copy> $accounts<T> {
                /// The list that stands before the remaining accounts, with room for these.
                pub fn metas(&self) -> Vec<AccountMeta> {
                    let mut metas = Vec::with_capacity(ROOM);
                    $(metas.push(AccountMeta::new(self.$account, flag!(signer $($role)?), flag!(writable $($role)?)));)*
                    metas
                }
            }

            impl $name {
                /// The instruction over `accounts`, followed by `remaining`.
                pub fn call<T: Into<Address> + Copy>(
                    self,
                    accounts: $accounts<T>,
                    remaining: impl IntoIterator<Item = AccountMeta>,
                ) -> Call {
                    let mut metas = accounts.metas();
                    metas.extend(remaining);
                    Call { instruction: Instruction::$name(self), accounts: metas }
                }
            }

            impl From<$name> for Instruction {
                fn from(arguments: $name) -> Self {
                    Instruction::$name(arguments)
                }
            }
        )*

        /// An instruction's name and arguments.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)]
        pub enum Instruction { $($name($name)),* }

        impl Instruction {
            /// Every name, in the order of the table.
            pub const NAMES: &[&str] = &[$($wire),*];

            /// Arguments of each of [`Instruction::NAMES`], in its order: name and type, as they follow each other on the
            /// wire.
            pub const ARGUMENTS: &[&[(&str, &str)]] = &[$(&[$((stringify!($arg), stringify!($kind))),*]),*];

            /// The name in the program's interface.
            pub fn name(&self) -> &'static str {
                match self { $(Instruction::$name(_) => $wire),* }
            }

            /// The bytes of a transaction's instruction.
            pub fn encode(&self) -> Vec<u8> {
                let mut bytes = discriminator(self.name()).to_vec();
                match self {
                    $(Instruction::$name(arguments) => {
                        arguments.serialize(&mut bytes).expect("writing to memory cannot fail");
                    })*
                }
                bytes
            }

            /// The arguments by name, as JSON.
            pub fn arguments(&self) -> serde_json::Value {
                let mut named = serde_json::Map::new();
                match self {
                    $(Instruction::$name(_arguments) => {
                        $(named.insert(stringify!($arg).to_owned(), Argument::json(&_arguments.$arg));)*
                    })*
                }
                serde_json::Value::Object(named)
            }

            fn decode_arguments(name: &str, body: &mut &[u8]) -> std::io::Result<Option<Self>> {
                Ok(match name {
                    $($wire => Some(Instruction::$name($name::deserialize(body)?)),)*
                    _ => None,
                })
            }

            /// Roles of the accounts that precede the remaining ones: name, signer, writable.
            pub fn roles(&self) -> &'static [(&'static str, bool, bool)] {
                match self {
                    $(Instruction::$name(_) => {
                        &[$((stringify!($account), flag!(signer $($role)?), flag!(writable $($role)?))),*]
                    })*
                }
            }
        }
    };
}

/// First eight bytes of `sha256("global:<name>")`.
pub fn discriminator(name: &str) -> [u8; 8] {
    let mut tag = [0; 8];
    tag.copy_from_slice(&Sha256::digest(format!("global:{name}"))[..8]);
    tag
}

static BY_DISCRIMINATOR: LazyLock<Vec<([u8; 8], &'static str)>> = LazyLock::new(|| {
    let mut table: Vec<_> = Instruction::NAMES
        .iter()
        .map(|name| (discriminator(name), *name))
        .collect();
    table.sort_unstable();
    table
});

impl Instruction {
    /// Reads an instruction as the program would: an unknown discriminator or arguments that do not parse are
    /// refused with Anchor's codes. Bytes after the arguments are ignored, as Anchor ignores them.
    pub fn decode(data: &[u8]) -> Result<Self> {
        let name = Self::named(data)?;
        Self::decode_arguments(name, &mut &data[8..])
            .map_err(|_| ErrorCode::InstructionDidNotDeserialize)?
            .ok_or(ErrorCode::InstructionFallbackNotFound)
    }

    /// The name of the instruction that `data` asks for, whatever its arguments: `InstructionMissing` where they are too
    /// short to ask for one, `InstructionFallbackNotFound` where it is not known.
    pub fn named(data: &[u8]) -> Result<&'static str> {
        let (tag, _) = data.split_at_checked(8).ok_or(ErrorCode::InstructionMissing)?;
        BY_DISCRIMINATOR
            .binary_search_by(|(known, _)| known[..].cmp(tag))
            .map(|at| BY_DISCRIMINATOR[at].1)
            .map_err(|_| ErrorCode::InstructionFallbackNotFound)
    }
}

instructions! {
    Initialize(InitializeAccounts) = "initialize" {  }
        [admin sw, state w, quote_asset_mint, drift_signer, rent, system_program, token_program];
    InitializeSpotMarket(InitializeSpotMarketAccounts) = "initialize_spot_market" {
        optimal_utilization: u32, optimal_borrow_rate: u32, max_borrow_rate: u32,
        oracle_source: OracleSource, initial_asset_weight: u32, maintenance_asset_weight: u32,
        initial_liability_weight: u32, maintenance_liability_weight: u32, imf_factor: u32,
        liquidator_fee: u32, if_liquidation_fee: u32, active_status: bool, asset_tier: AssetTier,
        scale_initial_asset_weight_start: u64, withdraw_guard_threshold: u64, order_tick_size: u64,
        order_step_size: u64, if_total_factor: u32, name: [u8; 32],
    }
        [spot_market w, spot_market_mint, spot_market_vault w, insurance_fund_vault w, drift_signer, state w, oracle, admin sw, rent, system_program, token_program];
    InitializePerpMarket(InitializePerpMarketAccounts) = "initialize_perp_market" {
        market_index: u16, amm_base_asset_reserve: u128, amm_quote_asset_reserve: u128,
        amm_periodicity: i64, amm_peg_multiplier: u128, oracle_source: OracleSource,
        contract_tier: ContractTier, margin_ratio_initial: u32, margin_ratio_maintenance: u32,
        liquidator_fee: u32, if_liquidation_fee: u32, imf_factor: u32, active_status: bool,
        base_spread: u32, max_spread: u32, max_open_interest: u128, max_revenue_withdraw_per_period: u64,
        quote_max_insurance: u64, order_step_size: u64, order_tick_size: u64, min_order_size: u64,
        concentration_coef_scale: u128, curve_update_intensity: u8, amm_jit_intensity: u8, name: [u8; 32],
    }
        [admin sw, state w, perp_market w, oracle, rent, system_program];
    InitializeUser(InitializeUserAccounts) = "initialize_user" { sub_account_id: u16, name: [u8; 32] }
        [user w, user_stats w, state w, authority s, payer sw, rent, system_program];
    InitializeUserStats(InitializeUserStatsAccounts) = "initialize_user_stats" {  }
        [user_stats w, state w, authority s, payer sw, rent, system_program];
    Deposit(DepositAccounts) = "deposit" { market_index: u16, amount: u64, reduce_only: bool }
        [state, user w, user_stats w, authority s, spot_market_vault w, user_token_account w, token_program];
    Withdraw(WithdrawAccounts) = "withdraw" { market_index: u16, amount: u64, reduce_only: bool }
        [state, user w, user_stats w, authority s, spot_market_vault w, drift_signer, user_token_account w, token_program];
    PlaceAndTakePerpOrder(PlaceAndTakePerpOrderAccounts) = "place_and_take_perp_order" {
        params: OrderParams, maker_order_id: Option<u32>,
    }
        [state, user w, user_stats w, authority s];
    AddPerpLpShares(AddPerpLpSharesAccounts) = "add_perp_lp_shares" { n_shares: u64, market_index: u16 }
        [state, user w, authority s];
    RemovePerpLpShares(RemovePerpLpSharesAccounts) = "remove_perp_lp_shares" {
        shares_to_burn: u64, market_index: u16,
    }
        [state, user w, authority s];
    SettleLp(SettleLpAccounts) = "settle_lp" { market_index: u16 }
        [state, user w];
    SettlePnl(SettlePnlAccounts) = "settle_pnl" { market_index: u16 }
        [state, user w, authority s, spot_market_vault];
    SettleFundingPayment(SettleFundingPaymentAccounts) = "settle_funding_payment" {  }
        [state, user w];
    UpdateFundingRate(UpdateFundingRateAccounts) = "update_funding_rate" { market_index: u16 }
        [state, perp_market w, oracle];
    UpdateAmms(UpdateAmmsAccounts) = "update_amms" { market_indexes: [u16; 5] }
        [state, authority s];
    UpdateSpotMarketCumulativeInterest(UpdateSpotMarketCumulativeInterestAccounts) = "update_spot_market_cumulative_interest" {
        ,
    }
        [state, spot_market w, oracle, spot_market_vault];
    UpdateK(UpdateKAccounts) = "update_k" { sqrt_k: u128 }
        [admin s, state, perp_market w, oracle];
    RepegAmmCurve(RepegAmmCurveAccounts) = "repeg_amm_curve" { new_peg_candidate: u128 }
        [state, perp_market w, oracle, admin s];
    UpdatePerpMarketMaxFillReserveFraction(UpdatePerpMarketMaxFillReserveFractionAccounts) = "update_perp_market_max_fill_reserve_fraction" {
        max_fill_reserve_fraction: u16,
    }
        [admin s, state, perp_market w];
    UpdateWithdrawGuardThreshold(UpdateWithdrawGuardThresholdAccounts) = "update_withdraw_guard_threshold" {
        withdraw_guard_threshold: u64,
    }
        [admin s, state, spot_market w];
    UpdateInsuranceFundUnstakingPeriod(UpdateInsuranceFundUnstakingPeriodAccounts) = "update_insurance_fund_unstaking_period" {
        insurance_fund_unstaking_period: i64,
    }
        [admin s, state, spot_market w];
    UpdatePerpMarketStepSizeAndTickSize(UpdatePerpMarketStepSizeAndTickSizeAccounts) = "update_perp_market_step_size_and_tick_size" {
        step_size: u64, tick_size: u64,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketMaxImbalances(UpdatePerpMarketMaxImbalancesAccounts) = "update_perp_market_max_imbalances" {
        unrealized_max_imbalance: u64, max_revenue_withdraw_per_period: u64, quote_max_insurance: u64,
    }
        [admin s, state, perp_market w];
    UpdatePerpAuctionDuration(UpdatePerpAuctionDurationAccounts) = "update_perp_auction_duration" {
        min_perp_auction_duration: u8,
    }
        [admin s, state w];
    UpdateLpCooldownTime(UpdateLpCooldownTimeAccounts) = "update_lp_cooldown_time" { lp_cooldown_time: u64 }
        [admin s, state w];
    UpdateOracleGuardRails(UpdateOracleGuardRailsAccounts) = "update_oracle_guard_rails" {
        oracle_guard_rails: OracleGuardRails,
    }
        [admin s, state w];
    UpdatePerpFeeStructure(UpdatePerpFeeStructureAccounts) = "update_perp_fee_structure" {
        fee_structure: Box<FeeStructure>,
    }
        [admin s, state w];
    UpdatePerpMarketBaseSpread(UpdatePerpMarketBaseSpreadAccounts) = "update_perp_market_base_spread" {
        base_spread: u32,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketCurveUpdateIntensity(UpdatePerpMarketCurveUpdateIntensityAccounts) = "update_perp_market_curve_update_intensity" {
        curve_update_intensity: u8,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketContractTier(UpdatePerpMarketContractTierAccounts) = "update_perp_market_contract_tier" {
        contract_tier: ContractTier,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketImfFactor(UpdatePerpMarketImfFactorAccounts) = "update_perp_market_imf_factor" {
        imf_factor: u32, unrealized_pnl_imf_factor: u32,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketLiquidationFee(UpdatePerpMarketLiquidationFeeAccounts) = "update_perp_market_liquidation_fee" {
        liquidator_fee: u32, if_liquidation_fee: u32,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketMaxSpread(UpdatePerpMarketMaxSpreadAccounts) = "update_perp_market_max_spread" {
        max_spread: u32,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketMarginRatio(UpdatePerpMarketMarginRatioAccounts) = "update_perp_market_margin_ratio" {
        margin_ratio_initial: u32, margin_ratio_maintenance: u32,
    }
        [admin s, state, perp_market w];
    UpdatePerpMarketConcentrationCoef(UpdatePerpMarketConcentrationCoefAccounts) = "update_perp_market_concentration_coef" {
        concentration_scale: u128,
    }
        [admin s, state, perp_market w];
    UpdateExchangeStatus(UpdateExchangeStatusAccounts) = "update_exchange_status" { exchange_status: u8 }
        [admin s, state w];
    UpdateInitialPctToLiquidate(UpdateInitialPctToLiquidateAccounts) = "update_initial_pct_to_liquidate" { initial_pct_to_liquidate: u16 }
        [admin s, state w];
    UpdateLiquidationDuration(UpdateLiquidationDurationAccounts) = "update_liquidation_duration" { liquidation_duration: u8 }
        [admin s, state w];
    UpdateLiquidationMarginBufferRatio(UpdateLiquidationMarginBufferRatioAccounts) = "update_liquidation_margin_buffer_ratio" { liquidation_margin_buffer_ratio: u32 }
        [admin s, state w];
    UpdateStateSettlementDuration(UpdateStateSettlementDurationAccounts) = "update_state_settlement_duration" { settlement_duration: u16 }
        [admin s, state w];
    UpdatePerpMarketExpiry(UpdatePerpMarketExpiryAccounts) = "update_perp_market_expiry" { expiry_ts: i64 }
        [admin s, state, perp_market w];
    UpdatePerpMarketPausedOperations(UpdatePerpMarketPausedOperationsAccounts) = "update_perp_market_paused_operations" { paused_operations: u8 }
        [admin s, state, perp_market w];
    UpdatePerpMarketStatus(UpdatePerpMarketStatusAccounts) = "update_perp_market_status" { status: MarketStatus }
        [admin s, state, perp_market w];
    UpdatePerpMarketUnrealizedAssetWeight(UpdatePerpMarketUnrealizedAssetWeightAccounts) = "update_perp_market_unrealized_asset_weight" { unrealized_initial_asset_weight: u32, unrealized_maintenance_asset_weight: u32 }
        [admin s, state, perp_market w];
    UpdateSpotMarketBorrowRate(UpdateSpotMarketBorrowRateAccounts) = "update_spot_market_borrow_rate" { optimal_utilization: u32, optimal_borrow_rate: u32, max_borrow_rate: u32, min_borrow_rate: Option<u8> }
        [admin s, state, spot_market w];
    UpdateSpotMarketExpiry(UpdateSpotMarketExpiryAccounts) = "update_spot_market_expiry" { expiry_ts: i64 }
        [admin s, state, spot_market w];
    UpdateSpotMarketIfFactor(UpdateSpotMarketIfFactorAccounts) = "update_spot_market_if_factor" { spot_market_index: u16, user_if_factor: u32, total_if_factor: u32 }
        [admin s, state, spot_market w];
    UpdateSpotMarketLiquidationFee(UpdateSpotMarketLiquidationFeeAccounts) = "update_spot_market_liquidation_fee" { liquidator_fee: u32, if_liquidation_fee: u32 }
        [admin s, state, spot_market w];
    UpdateSpotMarketMarginWeights(UpdateSpotMarketMarginWeightsAccounts) = "update_spot_market_margin_weights" { initial_asset_weight: u32, maintenance_asset_weight: u32, initial_liability_weight: u32, maintenance_liability_weight: u32, imf_factor: u32 }
        [admin s, state, spot_market w];
    UpdateSpotMarketPausedOperations(UpdateSpotMarketPausedOperationsAccounts) = "update_spot_market_paused_operations" { paused_operations: u8 }
        [admin s, state, spot_market w];
    UpdateSpotMarketRevenueSettlePeriod(UpdateSpotMarketRevenueSettlePeriodAccounts) = "update_spot_market_revenue_settle_period" { revenue_settle_period: i64 }
        [admin s, state, spot_market w];
    UpdateSpotMarketStatus(UpdateSpotMarketStatusAccounts) = "update_spot_market_status" { status: MarketStatus }
        [admin s, state, spot_market w];
    InitializeInsuranceFundStake(InitializeInsuranceFundStakeAccounts) = "initialize_insurance_fund_stake" { market_index: u16 }
        [spot_market, insurance_fund_stake w, user_stats w, state, authority s, payer sw, rent, system_program];
    AddInsuranceFundStake(AddInsuranceFundStakeAccounts) = "add_insurance_fund_stake" { market_index: u16, amount: u64 }
        [state, spot_market, insurance_fund_stake w, user_stats w, authority s, spot_market_vault w, insurance_fund_vault w, drift_signer, user_token_account w, token_program];
    RequestRemoveInsuranceFundStake(RequestRemoveInsuranceFundStakeAccounts) = "request_remove_insurance_fund_stake" {
        market_index: u16, amount: u64,
    }
        [spot_market, insurance_fund_stake w, user_stats w, authority s, insurance_fund_vault w];
    CancelRequestRemoveInsuranceFundStake(CancelRequestRemoveInsuranceFundStakeAccounts) = "cancel_request_remove_insurance_fund_stake" {
        market_index: u16,
    }
        [spot_market, insurance_fund_stake w, user_stats w, authority s, insurance_fund_vault w];
    RemoveInsuranceFundStake(RemoveInsuranceFundStakeAccounts) = "remove_insurance_fund_stake" { market_index: u16 }
        [state, spot_market, insurance_fund_stake w, user_stats w, authority s, insurance_fund_vault w, drift_signer, user_token_account w, token_program];
    SettleRevenueToInsuranceFund(SettleRevenueToInsuranceFundAccounts) = "settle_revenue_to_insurance_fund" {
        spot_market_index: u16,
    }
        [state, spot_market w, spot_market_vault w, drift_signer, insurance_fund_vault w, token_program];
    DepositIntoPerpMarketFeePool(DepositIntoPerpMarketFeePoolAccounts) = "deposit_into_perp_market_fee_pool" { amount: u64 }
        [state w, perp_market w, admin s, source_vault w, drift_signer, quote_spot_market w, spot_market_vault w, token_program];
    DepositIntoSpotMarketRevenuePool(DepositIntoSpotMarketRevenuePoolAccounts) = "deposit_into_spot_market_revenue_pool" { amount: u64 }
        [state, spot_market w, authority sw, spot_market_vault w, user_token_account w, token_program];
    PlacePerpOrder(PlacePerpOrderAccounts) = "place_perp_order" { params: OrderParams }
        [state, user w, authority s];
    PlaceOrders(PlaceOrdersAccounts) = "place_orders" { params: Vec<OrderParams> }
        [state, user w, authority s];
    CancelOrder(CancelOrderAccounts) = "cancel_order" { order_id: Option<u32> }
        [state, user w, authority s];
    CancelOrderByUserId(CancelOrderByUserIdAccounts) = "cancel_order_by_user_id" { user_order_id: u8 }
        [state, user w, authority s];
    CancelOrdersByIds(CancelOrdersByIdsAccounts) = "cancel_orders_by_ids" { order_ids: Vec<u32> }
        [state, user w, authority s];
    CancelOrders(CancelOrdersAccounts) = "cancel_orders" {
        market_type: Option<MarketType>, market_index: Option<u16>, direction: Option<PositionDirection>,
    }
        [state, user w, authority s];
    SettleExpiredMarket(SettleExpiredMarketAccounts) = "settle_expired_market" { market_index: u16 }
        [state, authority s];
    SettleExpiredMarketPoolsToRevenuePool(SettleExpiredMarketPoolsToRevenuePoolAccounts) = "settle_expired_market_pools_to_revenue_pool" {
        ,
    }
        [state, admin s, spot_market w, perp_market w];
    ResolvePerpPnlDeficit(ResolvePerpPnlDeficitAccounts) = "resolve_perp_pnl_deficit" {
        spot_market_index: u16, perp_market_index: u16,
    }
        [state, authority s, spot_market_vault w, insurance_fund_vault w, drift_signer, token_program];
    RemovePerpLpSharesInExpiringMarket(RemovePerpLpSharesInExpiringMarketAccounts) = "remove_perp_lp_shares_in_expiring_market" {
        shares_to_burn: u64, market_index: u16,
    }
        [state, user w];
    ForceCancelOrders(ForceCancelOrdersAccounts) = "force_cancel_orders" {  }
        [state, authority s, filler w, user w];
    ResolvePerpBankruptcy(ResolvePerpBankruptcyAccounts) = "resolve_perp_bankruptcy" {
        quote_spot_market_index: u16, market_index: u16,
    }
        [state, authority s, liquidator w, liquidator_stats w, user w, user_stats w, spot_market_vault w, insurance_fund_vault w, drift_signer, token_program];
    ResolveSpotBankruptcy(ResolveSpotBankruptcyAccounts) = "resolve_spot_bankruptcy" { market_index: u16 }
        [state, authority s, liquidator w, liquidator_stats w, user w, user_stats w, spot_market_vault w, insurance_fund_vault w, drift_signer, token_program];
    LiquidatePerp(LiquidatePerpAccounts) = "liquidate_perp" {
        market_index: u16, liquidator_max_base_asset_amount: u64, limit_price: Option<u64>,
    }
        [state, authority s, liquidator w, liquidator_stats w, user w, user_stats w];
    LiquidateSpot(LiquidateSpotAccounts) = "liquidate_spot" {
        asset_market_index: u16, liability_market_index: u16, liquidator_max_liability_transfer: u128,
        limit_price: Option<u64>,
    }
        [state, authority s, liquidator w, liquidator_stats w, user w, user_stats w];
    LiquidateBorrowForPerpPnl(LiquidateBorrowForPerpPnlAccounts) = "liquidate_borrow_for_perp_pnl" {
        perp_market_index: u16, spot_market_index: u16, liquidator_max_liability_transfer: u128,
        limit_price: Option<u64>,
    }
        [state, authority s, liquidator w, liquidator_stats w, user w, user_stats w];
    LiquidatePerpPnlForDeposit(LiquidatePerpPnlForDepositAccounts) = "liquidate_perp_pnl_for_deposit" {
        perp_market_index: u16, spot_market_index: u16, liquidator_max_pnl_transfer: u128,
        limit_price: Option<u64>,
    }
        [state, authority s, liquidator w, liquidator_stats w, user w, user_stats w];
    MoveAmmPrice(MoveAmmPriceAccounts) = "move_amm_price" { base_asset_reserve: u128, quote_asset_reserve: u128, sqrt_k: u128 }
        [admin s, state, perp_market w];
    RecenterPerpMarketAmm(RecenterPerpMarketAmmAccounts) = "recenter_perp_market_amm" { peg_multiplier: u128, sqrt_k: u128 }
        [admin s, state, perp_market w];
    UpdateAmmJitIntensity(UpdateAmmJitIntensityAccounts) = "update_amm_jit_intensity" { amm_jit_intensity: u8 }
        [admin s, state, perp_market w];
    UpdatePerpMarketTargetBaseAssetAmountPerLp(UpdatePerpMarketTargetBaseAssetAmountPerLpAccounts) = "update_perp_market_target_base_asset_amount_per_lp" { target_base_asset_amount_per_lp: i32 }
        [admin s, state, perp_market w];
    UpdatePerpMarketMinOrderSize(UpdatePerpMarketMinOrderSizeAccounts) = "update_perp_market_min_order_size" { order_size: u64 }
        [admin s, state, perp_market w];
    UpdatePerpMarketFeeAdjustment(UpdatePerpMarketFeeAdjustmentAccounts) = "update_perp_market_fee_adjustment" { fee_adjustment: i16 }
        [admin s, state, perp_market w];
}
