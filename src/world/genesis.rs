//! From nothing to an open exchange, by the instructions an administrator would send.

use super::places::{Feed, Fixed, PerpPlace, SpotPlace};
use super::{DriftSimCompat, Role, World};
use crate::event::OraclePrice;
use crate::experiment::{MarketInit, SpotMarketInit, SpotRules};
use drift::accounts::{
    Account, AssetTier, Bool, ContractTier, FeeStructure, Mint, OracleGuardRails, OracleSource,
    PriceDivergenceGuardRails, Pubkey, ValidityGuardRails,
};
use drift::clock::Clock;
use drift::error::ErrorCode;
use drift::instruction::*;
use drift::key::{RENT_SYSVAR, SYSTEM_PROGRAM, TOKEN_PROGRAM, pda};
use drift::ledger::Ledger;
use drift::num::signed_quotient;

/// Exchange-wide settings and the trial's time base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// Unix time of second 0.
    pub unix_start: i64,
    /// Slot of second 0.
    pub first_slot: u64,
    /// Slots that pass in a thousand seconds.
    pub slots_per_1000_seconds: u32,
    /// Limits that oracles are judged by.
    pub guard_rails: OracleGuardRails,
    /// Seconds an LP must wait before removing shares.
    pub lp_cooldown_seconds: u64,
    /// What takers pay at every volume (1e5); the program's own tiers where not given.
    pub taker_fee: Option<u32>,
    /// Where events are made into something else than they say.
    pub drift_sim_compat: DriftSimCompat,
}

impl Default for Exchange {
    /// Starts at a full hour, two and a half slots a second; nothing is limited, and nothing made into something else.
    fn default() -> Self {
        Self {
            unix_start: 1_700_002_800,
            first_slot: 1_000,
            slots_per_1000_seconds: 2_500,
            guard_rails: Self::wide_guard_rails(),
            lp_cooldown_seconds: 0,
            taker_fee: None,
            drift_sim_compat: DriftSimCompat::default(),
        }
    }
}

impl Exchange {
    /// The clock at `second`. What does not fit is held at the end of the range.
    pub fn clock(&self, second: i64) -> Clock {
        let slots = i128::from(second) * i128::from(self.slots_per_1000_seconds);
        let slots = signed_quotient(slots, 1_000).unwrap_or(0);
        Clock {
            slot: u64::try_from(i128::from(self.first_slot) + slots).unwrap_or(self.first_slot),
            unix_timestamp: self.unix_start.saturating_add(second),
        }
    }

    /// Limits so wide that they never bind, as drift-sim's replay sets them without its guards.
    pub fn wide_guard_rails() -> OracleGuardRails {
        OracleGuardRails {
            price_divergence: PriceDivergenceGuardRails {
                mark_oracle_percent_divergence: 1_000_000,
                oracle_twap_5min_percent_divergence: 1_000_000,
            },
            validity: ValidityGuardRails {
                slots_before_stale_for_amm: 10,
                slots_before_stale_for_margin: 10,
                confidence_interval_max_size: 1_000_000,
                too_volatile_ratio: 1 << 62,
            },
        }
    }
}

/// Everything a world starts with.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// Exchange-wide settings.
    pub exchange: Exchange,
    /// The quote market's parameters.
    pub quote: SpotRules,
    /// The other spot markets, from number 1 on.
    pub spots: Vec<SpotMarketInit>,
    /// The perpetual markets, from number 0 on.
    pub perps: Vec<MarketInit>,
}

/// An instruction of the set-up that the program refuses: the markets' parameters are not acceptable to it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the exchange cannot be set up: {instruction} for market {market} is refused with {code}")]
pub struct GenesisError {
    /// Which instruction.
    pub instruction: &'static str,
    /// For which market.
    pub market: u16,
    /// Why.
    pub code: ErrorCode,
}

impl Genesis {
    /// Opens the exchange in `ledger`.
    pub fn open<L: Ledger>(&self, ledger: &mut L) -> Result<World, GenesisError> {
        let mut locate = |key| ledger.locate(key);
        let fixed = Fixed {
            admin: locate(Role::Admin.address()),
            state: locate(pda::state()),
            signer: locate(pda::signer().0),
            token_program: locate(TOKEN_PROGRAM),
            system_program: locate(SYSTEM_PROGRAM),
            rent: locate(RENT_SYSVAR),
        };
        let mut world = World {
            exchange: self.exchange,
            fixed,
            perps: Vec::new(),
            spots: Vec::new(),
            users: Vec::new(),
            steps: Vec::new(),
        };
        let clock = world.clock(0);
        ledger.set_clock(clock);
        let Fixed {
            admin,
            state,
            signer,
            token_program,
            system_program,
            rent,
        } = fixed;
        ledger.open_wallet(admin.key);
        for address in [signer, rent, system_program, token_program] {
            ledger.put(&address, Account::Opaque);
        }
        let quote_mint = ledger.locate(Role::Mint(0).address());
        ledger.put(&quote_mint, mint(admin.key));
        let accounts = InitializeAccounts {
            admin,
            state,
            quote_asset_mint: quote_mint,
            drift_signer: signer,
            rent,
            system_program,
            token_program,
        };
        run(ledger, 0, Initialize {}.call(accounts, []))?;
        let global = UpdatePerpAuctionDurationAccounts { admin, state };
        run(
            ledger,
            0,
            UpdatePerpAuctionDuration {
                min_perp_auction_duration: 0,
            }
            .call(global, []),
        )?;
        let global = UpdateLpCooldownTimeAccounts { admin, state };
        let lp_cooldown_time = self.exchange.lp_cooldown_seconds;
        run(
            ledger,
            0,
            UpdateLpCooldownTime { lp_cooldown_time }.call(global, []),
        )?;
        let global = UpdateOracleGuardRailsAccounts { admin, state };
        let oracle_guard_rails = self.exchange.guard_rails;
        run(
            ledger,
            0,
            UpdateOracleGuardRails { oracle_guard_rails }.call(global, []),
        )?;

        if let Some(fee) = self.exchange.taker_fee {
            let mut fee_structure = Box::new(FeeStructure::initial_perp());
            for tier in &mut fee_structure.fee_tiers {
                // The program takes no fee that is below the rebate, and here nobody makes.
                (tier.fee_numerator, tier.maker_rebate_numerator) = (fee, 0);
            }
            let global = UpdatePerpFeeStructureAccounts { admin, state };
            run(
                ledger,
                0,
                UpdatePerpFeeStructure { fee_structure }.call(global, []),
            )?;
        }

        world.open_spot(ledger, &self.quote, None)?;
        for market in &self.spots {
            world.open_spot(ledger, &market.rules, Some(market.oracle_price))?;
        }
        for market in &self.perps {
            world.open_perp(ledger, market)?;
        }
        Ok(world)
    }
}

impl World {
    fn open_spot<L: Ledger>(
        &mut self,
        ledger: &mut L,
        rules: &SpotRules,
        price: Option<OraclePrice>,
    ) -> Result<(), GenesisError> {
        let index = self.spot_count();
        let feed = price.map(|price| Feed::new(ledger.locate(Role::SpotOracle(index).address()), price));
        let place = SpotPlace {
            market: ledger.locate(pda::spot_market(index)),
            mint: ledger.locate(Role::Mint(index).address()),
            vault: ledger.locate(pda::spot_vault(index)),
            insurance_vault: ledger.locate(pda::insurance_vault(index)),
            feed,
        };
        let Fixed {
            admin,
            state,
            signer: drift_signer,
            token_program,
            system_program,
            rent,
        } = self.fixed;
        let slot = ledger.clock().slot;
        if let Some(feed) = &place.feed {
            feed.publish(ledger, slot);
        }
        ledger.put(&place.mint, mint(admin.key));
        let initialize = InitializeSpotMarket {
            optimal_utilization: rules.optimal_utilization,
            optimal_borrow_rate: rules.optimal_borrow_rate,
            max_borrow_rate: rules.max_borrow_rate,
            oracle_source: if feed.is_some() {
                OracleSource::Pyth
            } else {
                OracleSource::QuoteAsset
            },
            initial_asset_weight: rules.initial_asset_weight,
            maintenance_asset_weight: rules.maintenance_asset_weight,
            initial_liability_weight: rules.initial_liability_weight,
            maintenance_liability_weight: rules.maintenance_liability_weight,
            imf_factor: rules.imf_factor,
            liquidator_fee: rules.liquidator_fee,
            if_liquidation_fee: rules.if_liquidation_fee,
            active_status: true,
            asset_tier: AssetTier::from_number(rules.asset_tier).unwrap_or_default(),
            scale_initial_asset_weight_start: rules.scale_initial_asset_weight_start,
            withdraw_guard_threshold: rules.withdraw_guard_threshold,
            order_tick_size: rules.order_tick_size,
            order_step_size: rules.order_step_size,
            if_total_factor: rules.if_total_factor,
            name: [b' '; 32],
        };
        let accounts = InitializeSpotMarketAccounts {
            spot_market: place.market,
            spot_market_mint: place.mint,
            spot_market_vault: place.vault,
            insurance_fund_vault: place.insurance_vault,
            drift_signer,
            state,
            oracle: feed.map_or(Pubkey::default().into(), |feed| feed.address),
            admin,
            rent,
            system_program,
            token_program,
        };
        run(ledger, index, initialize.call(accounts, []))?;
        let accounts = UpdateInsuranceFundUnstakingPeriodAccounts {
            admin,
            state,
            spot_market: place.market,
        };
        let update = UpdateInsuranceFundUnstakingPeriod {
            insurance_fund_unstaking_period: rules.unstaking_period,
        };
        run(ledger, index, update.call(accounts, []))?;
        let spot_market = place.market;
        if rules.revenue_settle_period != 0 {
            let accounts = UpdateSpotMarketRevenueSettlePeriodAccounts {
                admin,
                state,
                spot_market,
            };
            let update = UpdateSpotMarketRevenueSettlePeriod {
                revenue_settle_period: rules.revenue_settle_period,
            };
            run(ledger, index, update.call(accounts, []))?;
        }
        if let Some(user_if_factor) = rules.if_user_factor {
            let accounts = UpdateSpotMarketIfFactorAccounts {
                admin,
                state,
                spot_market,
            };
            let update = UpdateSpotMarketIfFactor {
                spot_market_index: index,
                user_if_factor,
                total_if_factor: rules.if_total_factor,
            };
            run(ledger, index, update.call(accounts, []))?;
        }
        if rules.insurance_fund > 0
            && let Some(Account::Token(vault)) = ledger.at(&place.insurance_vault)
        {
            let mut vault = vault.clone();
            vault.amount = rules.insurance_fund;
            ledger.put(&place.insurance_vault, Account::Token(vault));
        }
        let accounts = UpdateWithdrawGuardThresholdAccounts {
            admin,
            state,
            spot_market: place.market,
        };
        let update = UpdateWithdrawGuardThreshold {
            withdraw_guard_threshold: rules.withdraw_guard_threshold,
        };
        run(ledger, index, update.call(accounts, []))?;
        self.spots.push(place);
        Ok(())
    }

    fn open_perp<L: Ledger>(&mut self, ledger: &mut L, market: &MarketInit) -> Result<(), GenesisError> {
        let index = self.perp_count();
        let address = ledger.locate(Role::PerpOracle(index).address());
        let feed = Feed::new(address, market.oracle_price);
        let place = PerpPlace {
            market: ledger.locate(pda::perp_market(index)),
            feed,
        };
        let Fixed {
            admin,
            state,
            system_program,
            rent,
            ..
        } = self.fixed;
        let slot = ledger.clock().slot;
        feed.publish(ledger, slot);
        let rules = &market.rules;
        let initialize = InitializePerpMarket {
            market_index: index,
            amm_base_asset_reserve: market.reserve,
            amm_quote_asset_reserve: market.reserve,
            amm_periodicity: market.funding_period,
            amm_peg_multiplier: market.peg_multiplier,
            oracle_source: OracleSource::Pyth,
            contract_tier: ContractTier::from_number(rules.contract_tier).unwrap_or_default(),
            margin_ratio_initial: rules.margin_ratio_initial,
            margin_ratio_maintenance: rules.margin_ratio_maintenance,
            liquidator_fee: rules.liquidator_fee,
            if_liquidation_fee: rules.if_liquidation_fee,
            imf_factor: rules.imf_factor,
            active_status: true,
            base_spread: market.base_spread,
            max_spread: rules.max_spread,
            max_open_interest: rules.max_open_interest,
            max_revenue_withdraw_per_period: 0,
            quote_max_insurance: 0,
            order_step_size: rules.order_step_size,
            order_tick_size: rules.order_tick_size,
            min_order_size: rules.min_order_size,
            concentration_coef_scale: rules.concentration_coef_scale,
            curve_update_intensity: rules.curve_update_intensity,
            amm_jit_intensity: rules.amm_jit_intensity,
            name: [b' '; 32],
        };
        let accounts = InitializePerpMarketAccounts {
            admin,
            state,
            perp_market: place.market,
            oracle: feed.address,
            rent,
            system_program,
        };
        run(ledger, index, initialize.call(accounts, []))?;
        let perp_market = place.market;
        let accounts = UpdatePerpMarketMaxFillReserveFractionAccounts {
            admin,
            state,
            perp_market,
        };
        let update = UpdatePerpMarketMaxFillReserveFraction {
            max_fill_reserve_fraction: rules.max_fill_reserve_fraction,
        };
        run(ledger, index, update.call(accounts, []))?;
        let accounts = UpdatePerpMarketStepSizeAndTickSizeAccounts {
            admin,
            state,
            perp_market,
        };
        let update = UpdatePerpMarketStepSizeAndTickSize {
            step_size: rules.order_step_size,
            tick_size: rules.order_tick_size,
        };
        run(ledger, index, update.call(accounts, []))?;
        let accounts = UpdatePerpMarketMaxImbalancesAccounts {
            admin,
            state,
            perp_market,
        };
        let update = UpdatePerpMarketMaxImbalances {
            unrealized_max_imbalance: rules.unrealized_pnl_max_imbalance,
            max_revenue_withdraw_per_period: rules.max_revenue_withdraw_per_period,
            quote_max_insurance: rules.quote_max_insurance,
        };
        run(ledger, index, update.call(accounts, []))?;
        self.perps.push(place);
        Ok(())
    }
}

fn run<L: Ledger>(ledger: &mut L, market: u16, call: Call) -> Result<(), GenesisError> {
    ledger.execute(&call).map_err(|code| GenesisError {
        instruction: call.instruction.name(),
        market,
        code,
    })
}

/// An initialized mint with the quote asset's six decimals.
fn mint(authority: Pubkey) -> Account {
    Account::Mint(Box::new(Mint {
        authority_tag: 1,
        authority,
        decimals: 6,
        is_initialized: Bool::from(true),
        ..Mint::default()
    }))
}
