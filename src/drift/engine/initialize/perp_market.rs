use super::create;
use crate::accounts::{
    Account, Amm, HistoricalOracleData, InsuranceClaim, MarketStatus, OracleSource, PerpMarket, PriceFeed,
};
use crate::clock::Clock;
use crate::engine::{Frame, guard, read_price};
use crate::error::{ErrorCode, Result};
use crate::instruction::{InitializePerpMarket, InitializePerpMarketAccounts};
use crate::key::{SYSTEM_PROGRAM, pda};
use crate::math::curve::{self, Reserves};
use crate::math::limits;
use crate::math::liquidity::{self, MAX_CONCENTRATION};
use crate::num::{self, Checked};
use crate::units;

/// Opens the next perpetual market on a balanced curve.
pub(in crate::engine) fn initialize_perp_market(
    frame: &mut Frame,
    arguments: &InitializePerpMarket,
) -> Result {
    if matches!(
        arguments.oracle_source,
        OracleSource::Switchboard | OracleSource::Prelaunch
    ) {
        return Err(ErrorCode::NotModelled);
    }
    let at = InitializePerpMarketAccounts::<usize>::positions();
    let admin = frame.signer(at.admin)?;
    let mut state = guard::state(frame, at.state)?;
    guard::rent(frame, at.rent)?;
    guard::program(frame, at.system_program, SYSTEM_PROGRAM)?;
    let index = state.number_of_markets;
    let mut market = create::<PerpMarket>(frame, at.perp_market, pda::perp_market(index))?;
    frame.must_be_writable(at.admin)?;
    frame.must_be_writable(at.state)?;
    guard::admin(&state, admin)?;
    frame.lock(&market);

    let mut amm = balanced(arguments, frame.clock)?;
    amm.oracle = frame.key(at.oracle)?;
    amm.historical_oracle_data = first_prices(frame, at.oracle, arguments.oracle_source)?;
    amm.last_oracle_normalised_price = amm.historical_oracle_data.last_oracle_price;
    limits::perp_margin(
        arguments.margin_ratio_initial,
        arguments.margin_ratio_maintenance,
        arguments.liquidator_fee,
        arguments.max_spread,
    )?;
    if arguments.market_index != index {
        return Err(ErrorCode::MarketIndexAlreadyInitialized);
    }
    *market = PerpMarket {
        pubkey: market.key(),
        amm,
        ..settings(arguments)
    };
    state.number_of_markets = index.plus(1)?;
    market.amm.concentrate(arguments.concentration_coef_scale)?;
    frame.put(state);
    frame.put(market);
    Ok(())
}

/// A curve without traders that shows its peg as its price.
fn balanced(arguments: &InitializePerpMarket, clock: Clock) -> Result<Amm> {
    let now = clock.unix_timestamp;
    let reserve = arguments.amm_base_asset_reserve;
    if arguments.amm_quote_asset_reserve != reserve {
        return Err(ErrorCode::InvalidInitialPeg);
    }
    if arguments.curve_update_intensity > 200 || arguments.amm_jit_intensity > 200 {
        return Err(ErrorCode::DefaultError);
    }
    let price = curve::price(
        Reserves {
            base: reserve,
            quote: reserve,
        },
        arguments.amm_peg_multiplier,
    )?;
    // k itself must fit the width the program computes with.
    num::wide(reserve, reserve)?;
    let (lowest, highest) = liquidity::bounds(MAX_CONCENTRATION, reserve)?;
    Ok(Amm {
        peg_multiplier: arguments.amm_peg_multiplier,
        sqrt_k: reserve,
        quote_asset_reserve: reserve,
        base_asset_reserve: reserve,
        terminal_quote_asset_reserve: reserve,
        bid_quote_asset_reserve: reserve,
        bid_base_asset_reserve: reserve,
        ask_quote_asset_reserve: reserve,
        ask_base_asset_reserve: reserve,
        concentration_coef: MAX_CONCENTRATION,
        max_base_asset_reserve: highest,
        min_base_asset_reserve: lowest,
        last_mark_price_twap_5min: price,
        last_mark_price_twap: price,
        last_ask_price_twap: price,
        last_bid_price_twap: price,
        last_mark_price_twap_ts: now,
        last_funding_rate_ts: now,
        last_trade_ts: now,
        last_update_slot: clock.slot,
        funding_period: arguments.amm_periodicity,
        oracle_source: arguments.oracle_source,
        max_spread: arguments.max_spread,
        base_spread: arguments.base_spread,
        max_open_interest: arguments.max_open_interest,
        min_order_size: arguments.min_order_size,
        order_tick_size: arguments.order_tick_size,
        order_step_size: arguments.order_step_size,
        amm_jit_intensity: arguments.amm_jit_intensity,
        curve_update_intensity: arguments.curve_update_intensity,
        // A fill may take a hundredth of the reserve and slip by a fiftieth.
        max_fill_reserve_fraction: 100,
        max_slippage_ratio: 50,
        ..Amm::default()
    })
}

/// What the oracle shows, and its own average, as the market's first averages.
fn first_prices(frame: &Frame, position: usize, source: OracleSource) -> Result<HistoricalOracleData> {
    let oracle = frame.account(position)?;
    let read_as = match source {
        OracleSource::QuoteAsset => return Err(ErrorCode::InvalidOracle),
        // Of a stable coin the program reads the plain price here, and takes a dollar for its average.
        OracleSource::PythStableCoin => OracleSource::Pyth,
        other => other,
    };
    let shown = read_price(read_as, oracle, frame.clock.slot)?;
    let average = match (source, oracle) {
        (OracleSource::PythStableCoin, _) => units::QUOTE as i64,
        (_, Account::Oracle(feed, _)) => {
            // The program asserts that the feed's average is more than a tenth of its price.
            if feed.twap <= feed.price / 10 {
                return Err(ErrorCode::ProgramFailedToComplete);
            }
            // The average has the scale of the price, so it is read as one.
            let averaged = PriceFeed {
                price: feed.twap,
                ..**feed
            };
            read_price(
                read_as,
                &Account::Oracle(Box::new(averaged), Box::default()),
                frame.clock.slot,
            )?
            .price
        }
        _ => return Err(ErrorCode::UnableToLoadOracle),
    };
    Ok(HistoricalOracleData {
        last_oracle_price_twap_ts: frame.clock.unix_timestamp,
        last_oracle_price_twap_5min: shown.price,
        last_oracle_price_twap: average,
        last_oracle_delay: shown.delay,
        last_oracle_price: shown.price,
        ..HistoricalOracleData::default()
    })
}

/// A market without positions, as the arguments describe it; its curve and address are still to be set.
fn settings(arguments: &InitializePerpMarket) -> PerpMarket {
    let status = if arguments.active_status {
        MarketStatus::Active
    } else {
        MarketStatus::Initialized
    };
    PerpMarket {
        name: arguments.name,
        status,
        market_index: arguments.market_index,
        contract_tier: arguments.contract_tier,
        imf_factor: arguments.imf_factor,
        if_liquidation_fee: arguments.if_liquidation_fee,
        liquidator_fee: arguments.liquidator_fee,
        margin_ratio_maintenance: arguments.margin_ratio_maintenance,
        margin_ratio_initial: arguments.margin_ratio_initial,
        insurance_claim: InsuranceClaim {
            quote_max_insurance: arguments.quote_max_insurance,
            max_revenue_withdraw_per_period: arguments.max_revenue_withdraw_per_period,
            ..InsuranceClaim::default()
        },
        unrealized_pnl_maintenance_asset_weight: units::MARGIN,
        next_curve_record_id: 1,
        next_funding_rate_record_id: 1,
        next_fill_record_id: 1,
        ..PerpMarket::default()
    }
}
