use super::create;
use crate::accounts::{
    Account, HistoricalIndexData, HistoricalOracleData, InsuranceFund, MarketStatus, Mint, OracleSource,
    PoolBalance, Pubkey, SpotMarket, TokenAccount,
};
use crate::engine::{Frame, OraclePrice, guard, read_price};
use crate::error::{ErrorCode, Result};
use crate::instruction::{InitializeSpotMarket, InitializeSpotMarketAccounts};
use crate::key::{SYSTEM_PROGRAM, TOKEN_PROGRAM, pda};
use crate::math::limits::{self, SpotWeights};
use crate::num::Narrow;
use crate::units;

/// How long a stake in the insurance fund must wait to leave, until the administrator says otherwise.
const FIRST_UNSTAKING_PERIOD: i64 = 13 * units::ONE_DAY;

/// Opens the next spot market with its two vaults. The first must be the quote asset's.
pub(in crate::engine) fn initialize_spot_market(
    frame: &mut Frame,
    arguments: &InitializeSpotMarket,
) -> Result {
    if matches!(
        arguments.oracle_source,
        OracleSource::Switchboard | OracleSource::Prelaunch
    ) {
        return Err(ErrorCode::NotModelled);
    }
    let at = InitializeSpotMarketAccounts::<usize>::positions();
    let mint = frame.take::<Mint>(at.spot_market_mint)?;
    let authority = frame.key(at.drift_signer)?;
    let mut state = guard::state(frame, at.state)?;
    let admin = frame.signer(at.admin)?;
    guard::rent(frame, at.rent)?;
    guard::program(frame, at.system_program, SYSTEM_PROGRAM)?;
    guard::program(frame, at.token_program, TOKEN_PROGRAM)?;
    let index = state.number_of_spot_markets;
    let mut market = create::<SpotMarket>(frame, at.spot_market, pda::spot_market(index))?;
    open_vault(
        frame,
        at.spot_market_vault,
        pda::spot_vault(index),
        mint.key(),
        authority,
    )?;
    open_vault(
        frame,
        at.insurance_fund_vault,
        pda::insurance_vault(index),
        mint.key(),
        authority,
    )?;
    if state.signer != authority {
        return Err(ErrorCode::ConstraintRaw);
    }
    frame.must_be_writable(at.state)?;
    guard::admin(&state, admin)?;
    frame.must_be_writable(at.admin)?;

    limits::borrow_rate(
        arguments.optimal_utilization,
        arguments.optimal_borrow_rate,
        arguments.max_borrow_rate,
        0,
    )?;
    // Past the last index the program counts from 1 again.
    state.number_of_spot_markets = index.checked_add(1).unwrap_or(1);
    let oracle = frame.key(at.oracle)?;
    let (oracle_history, index_history) =
        first_prices(frame, at.oracle, index, arguments.oracle_source, &mint)?;
    let weights = SpotWeights {
        initial_asset: arguments.initial_asset_weight,
        maintenance_asset: arguments.maintenance_asset_weight,
        initial_liability: arguments.initial_liability_weight,
        maintenance_liability: arguments.maintenance_liability_weight,
        imf_factor: arguments.imf_factor,
    };
    weights.check(index)?;
    let now: u64 = frame
        .clock
        .unix_timestamp
        .to()
        .map_err(|_| ErrorCode::UnableToCastUnixTime)?;

    *market = settings(arguments, index);
    (market.pubkey, market.vault, market.mint, market.oracle) =
        (market.key(), frame.key(at.spot_market_vault)?, mint.key(), oracle);
    market.insurance_fund.vault = frame.key(at.insurance_fund_vault)?;
    (market.historical_oracle_data, market.historical_index_data) = (oracle_history, index_history);
    market.decimals = mint.decimals.into();
    (market.last_twap_ts, market.last_interest_ts) = (now, now);
    frame.put(mint);
    frame.put(state);
    frame.put(market);
    Ok(())
}

/// Creates an empty token account at the `address` derived for it.
fn open_vault(
    frame: &mut Frame,
    position: usize,
    address: Pubkey,
    mint: Pubkey,
    authority: Pubkey,
) -> Result {
    guard::seeds(frame.key(position)?, address)?;
    frame.create(
        position,
        Account::Token(Box::new(TokenAccount::new(mint, authority))),
    )
}

/// The averages a market starts with: a dollar for the quote asset, else what the oracle shows.
fn first_prices(
    frame: &Frame,
    oracle: usize,
    index: u16,
    source: OracleSource,
    mint: &Mint,
) -> Result<(HistoricalOracleData, HistoricalIndexData)> {
    let require = |holds| {
        if holds {
            Ok(())
        } else {
            Err(ErrorCode::InvalidSpotMarketInitialization)
        }
    };
    let is_quote = index == units::QUOTE_SPOT_MARKET;
    let no_oracle = frame.key(oracle)? == Pubkey::default();
    require(source != OracleSource::QuoteAsset || (no_oracle && is_quote))?;
    // The program passes seconds where a slot is wanted, and so the first recorded delay counts from there.
    let seconds: u64 = frame.clock.unix_timestamp.to()?;
    let read = read_price(source, frame.account(oracle)?, seconds);
    let shown = if is_quote {
        require(no_oracle && source == OracleSource::QuoteAsset && mint.decimals == 6)?;
        OraclePrice {
            confidence: 0,
            ..OraclePrice::DOLLAR
        }
    } else {
        require(mint.decimals >= 6)?;
        read.map_err(|code| match code {
            ErrorCode::ProgramFailedToComplete => code,
            _ => ErrorCode::InvalidSpotMarketInitialization,
        })?
    };
    let index_price = u64::try_from(shown.price).map_err(|_| ErrorCode::FailedUnwrap)?;
    let oracle_history = HistoricalOracleData {
        last_oracle_price_twap_5min: shown.price,
        last_oracle_price_twap: shown.price,
        last_oracle_price: shown.price,
        last_oracle_delay: shown.delay,
        last_oracle_conf: shown.confidence,
        ..HistoricalOracleData::default()
    };
    let index_history = HistoricalIndexData {
        last_index_price_twap_5min: index_price,
        last_index_price_twap: index_price,
        last_index_ask_price: index_price,
        last_index_bid_price: index_price,
        ..HistoricalIndexData::default()
    };
    Ok((oracle_history, index_history))
}

/// A market without balances, as the arguments describe it.
fn settings(arguments: &InitializeSpotMarket, index: u16) -> SpotMarket {
    let one = u128::from(units::CUMULATIVE_INTEREST);
    let status = if arguments.active_status {
        MarketStatus::Active
    } else {
        MarketStatus::Initialized
    };
    SpotMarket {
        name: arguments.name,
        status,
        market_index: index,
        oracle_source: arguments.oracle_source,
        asset_tier: arguments.asset_tier,
        orders_enabled: (index != units::QUOTE_SPOT_MARKET).into(),
        initial_asset_weight: arguments.initial_asset_weight,
        initial_liability_weight: arguments.initial_liability_weight,
        maintenance_asset_weight: arguments.maintenance_asset_weight,
        maintenance_liability_weight: arguments.maintenance_liability_weight,
        scale_initial_asset_weight_start: arguments.scale_initial_asset_weight_start,
        imf_factor: arguments.imf_factor,
        if_liquidation_fee: arguments.if_liquidation_fee,
        liquidator_fee: arguments.liquidator_fee,
        max_borrow_rate: arguments.max_borrow_rate,
        optimal_borrow_rate: arguments.optimal_borrow_rate,
        optimal_utilization: arguments.optimal_utilization,
        withdraw_guard_threshold: arguments.withdraw_guard_threshold,
        order_tick_size: arguments.order_tick_size,
        order_step_size: arguments.order_step_size,
        min_order_size: arguments.order_step_size,
        next_deposit_record_id: 1,
        next_fill_record_id: 1,
        cumulative_borrow_interest: one,
        cumulative_deposit_interest: one,
        revenue_pool: PoolBalance {
            market_index: index,
            ..PoolBalance::default()
        },
        insurance_fund: InsuranceFund {
            user_factor: arguments.if_total_factor / 2,
            total_factor: arguments.if_total_factor,
            unstaking_period: FIRST_UNSTAKING_PERIOD,
            ..InsuranceFund::default()
        },
        ..SpotMarket::default()
    }
}
