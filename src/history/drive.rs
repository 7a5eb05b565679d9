//! From one recorded state to the next, by the ordinary instructions.
//!
//! What happened between two states is known only in sum. So one trade stands for all of them: it brings the AMM's net position to the recorded
//! one, at the time of the last recorded trade. Shares of liquidity change just before it, funding is set at the recorded moments, and the AMM takes
//! up the oracle's price when it last did so. Between the two the oracle's price goes in a straight line.

use super::HistoryError;
use super::exchange::{Exchange, Refusals, Shown};
use super::recording::{Recording, State};
use drift::accounts::{Amm, PerpMarket};
use drift::clock::Clock;
use drift::error::ErrorCode;
use std::num::NonZeroUsize;

/// From which states the engine starts again as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Resync {
    /// From the first one only.
    #[default]
    Never,
    /// From every so many.
    Every(NonZeroUsize),
}

impl std::str::FromStr for Resync {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self::Never),
            "each" => Ok(Self::Every(NonZeroUsize::MIN)),
            _ => text.parse().map(Self::Every).map_err(|_| {
                format!(
                    "`{text}` is not how often to start again: give `never`, `each` or a number of states"
                )
            }),
        }
    }
}

impl std::fmt::Display for Resync {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Never => f.write_str("free-running from the first state"),
            Self::Every(NonZeroUsize::MIN) => f.write_str("started again from every state"),
            Self::Every(states) => write!(f, "started again from every {states}th state"),
        }
    }
}

/// What the engine made of the way to one state.
#[derive(Clone, Debug)]
pub struct Step {
    /// The engine's market before.
    pub start: PerpMarket,
    /// The engine's market after.
    pub end: PerpMarket,
    /// What was done.
    pub deeds: Deeds,
}

/// What was done on the way to one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    /// Whether the engine started from the recorded state before it.
    pub restarted: bool,
    /// What the trade was to be (1e9).
    pub base_wanted: i64,
    /// By how much the AMM's net position is off the recorded one after it (1e9).
    pub base_left: i128,
    /// By how much the providers' shares were to change (1e9).
    pub shares_wanted: i64,
    /// How often funding was recorded.
    pub fundings: u64,
    /// Parameters that the administrator changed.
    pub parameters: u64,
    /// Instructions refused.
    pub refused: u64,
}

/// The engine's way along a recording.
#[derive(Clone, Debug)]
pub struct Drive {
    /// A step to each state but the first.
    pub steps: Vec<Step>,
    /// What was refused, how often.
    pub refusals: Refusals,
}

/// Drives a market along `recording`.
///
/// # Errors
/// [`HistoryError::Setup`]: the engine refuses to be set up.
pub fn drive(recording: &Recording, resync: Resync) -> Result<Drive, HistoryError> {
    let Some(first) = recording.states.first() else {
        return Ok(Drive {
            steps: Vec::new(),
            refusals: Refusals::new(),
        });
    };
    let mut exchange = Exchange::new(first)?;
    let mut steps = Vec::with_capacity(recording.states.len());
    for (place, pair) in recording.states.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let restarted = match resync {
            Resync::Never => place == 0,
            Resync::Every(states) => place % states == 0,
        };
        if restarted {
            exchange.restart(before)?;
        }
        let start = exchange.market();
        let deeds = step(&mut exchange, before, after, restarted);
        steps.push(Step {
            start,
            end: exchange.market(),
            deeds,
        });
    }
    Ok(Drive {
        steps,
        refusals: exchange.refusals,
    })
}

/// What is done at one time, in the order in which it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Provide,
    Trade,
    Fund,
    Update,
}

fn step(exchange: &mut Exchange, before: &State, after: &State, restarted: bool) -> Deeds {
    let way = Way { before, after };
    let mut deeds = Deeds {
        restarted,
        ..Deeds::default()
    };
    deeds.parameters = set_parameters(exchange, &before.market, &after.market);
    let end = after.clock();
    let traded = way.within(after.market.amm.last_trade_ts);
    let mut moments = vec![(traded, Deed::Provide), (traded, Deed::Trade)];
    let fundings = way.fundings();
    deeds.fundings = fundings.len() as u64;
    moments.extend(fundings.iter().map(|time| (*time, Deed::Fund)));
    if end != before.clock() {
        moments.push((end.unix_timestamp, Deed::Update));
    }
    moments.sort_unstable();

    let due = exchange
        .market()
        .next_funding_rate_record_id
        .saturating_add(deeds.fundings);
    let mut left = deeds.fundings;
    for (time, deed) in moments {
        exchange.at(way.clock(time), way.shown(time));
        let refused = match deed {
            Deed::Provide => {
                deeds.shares_wanted = shares_to(&exchange.market().amm, after.market.amm.user_lp_shares);
                match deeds.shares_wanted {
                    0 => continue,
                    shares => exchange.provide(shares),
                }
            }
            Deed::Trade => {
                let target = after.market.amm.base_asset_amount_with_amm;
                deeds.base_wanted = trade_to(&exchange.market().amm, target);
                trade(exchange, target)
            }
            Deed::Fund => {
                left -= 1;
                // A trade sets the rate, too, when it is due.
                if exchange.market().next_funding_rate_record_id.saturating_add(left) >= due {
                    continue;
                }
                exchange.fund()
            }
            Deed::Update => exchange.update(),
        };
        deeds.refused += u64::from(refused.is_err());
    }
    deeds.base_left =
        after.market.amm.base_asset_amount_with_amm - exchange.market().amm.base_asset_amount_with_amm;
    deeds
}

/// A fill takes a part of the reserves at most, so that a large order may take several.
const FILLS: usize = 16;

/// Trades until the AMM's net position is `target`, or a trade is refused or fills nothing.
fn trade(exchange: &mut Exchange, target: i128) -> Result<(), ErrorCode> {
    for _ in 0..FILLS {
        let before = exchange.market().amm;
        let base = trade_to(&before, target);
        if base == 0 {
            break;
        }
        exchange.trade(base)?;
        if { exchange.market().amm.base_asset_amount_with_amm } == { before.base_asset_amount_with_amm } {
            break;
        }
    }
    Ok(())
}

/// The time between two states.
struct Way<'a> {
    before: &'a State,
    after: &'a State,
}

impl Way<'_> {
    /// A recorded time, held between the two.
    fn within(&self, time: i64) -> i64 {
        let (start, end) = (
            self.before.clock().unix_timestamp,
            self.after.clock().unix_timestamp,
        );
        if time > start { time.min(end) } else { end }
    }

    /// When funding was set: the last time is recorded, and as many before it as there were, a period apart.
    fn fundings(&self) -> Vec<i64> {
        let (before, after) = (&self.before.market, &self.after.market);
        let count = after
            .next_funding_rate_record_id
            .saturating_sub(before.next_funding_rate_record_id);
        let (start, last) = (before.amm.last_funding_rate_ts, after.amm.last_funding_rate_ts);
        if last <= start {
            return Vec::new();
        }
        let period = after.amm.funding_period.max(1);
        let most = u64::try_from((last - start) / period).unwrap_or(0) + 1;
        (0..count.min(most) as i64)
            .rev()
            .map(|back| self.within(last - back * period))
            .collect()
    }

    /// `from` at the start, `to` at the end, and a straight line between them, rounded down.
    fn line(&self, time: i64, from: i128, to: i128) -> i128 {
        let (start, end) = (
            self.before.clock().unix_timestamp,
            self.after.clock().unix_timestamp,
        );
        if time >= end {
            return to;
        }
        let (passed, whole) = (i128::from(time - start), i128::from(end - start));
        from + ((to - from) * passed).div_euclid(whole)
    }

    fn clock(&self, time: i64) -> Clock {
        let (start, end) = (self.before.clock().slot, self.after.clock().slot);
        Clock {
            slot: self.line(time, start.into(), end.into()) as u64,
            unix_timestamp: time,
        }
    }

    fn shown(&self, time: i64) -> Shown {
        let price = |state: &State| i128::from(state.market.amm.historical_oracle_data.last_oracle_price);
        let amm = &self.after.market.amm;
        // The program keeps confidence as a share (1e6) of the reserve price, rounded down.
        let reserve_price = amm.reserve_price().unwrap_or(0);
        let share = u128::from(amm.last_oracle_conf_pct);
        let confidence = (share * u128::from(reserve_price)).div_ceil(1_000_000);
        Shown {
            price: self.line(time, price(self.before), price(self.after)) as i64,
            confidence: confidence.try_into().unwrap_or(u64::MAX),
            delay: amm.historical_oracle_data.last_oracle_delay.unsigned_abs(),
        }
    }
}

/// The trade (1e9) that brings the AMM's net position to `target`: providers take their share of it. A whole number of steps; zero below the
/// smallest order.
fn trade_to(amm: &Amm, target: i128) -> i64 {
    let depth = i128::try_from(amm.sqrt_k).unwrap_or(i128::MAX);
    let shares = i128::try_from(amm.user_lp_shares).unwrap_or(0);
    let own = (depth - shares).max(1);
    let missing = target - amm.base_asset_amount_with_amm;
    let step = i128::from(amm.order_step_size.max(1));
    let base = missing.checked_mul(depth).map_or(missing, |scaled| scaled / own);
    let steps = (base + base.signum() * step / 2) / step;
    let base = i64::try_from(steps * step).unwrap_or(0);
    if base.unsigned_abs() < amm.min_order_size {
        0
    } else {
        base
    }
}

/// The change of the providers' shares (1e9) that leads to `target`, in whole steps.
fn shares_to(amm: &Amm, target: u128) -> i64 {
    let step = i128::from(amm.order_step_size.max(1));
    let missing = target as i128 - amm.user_lp_shares as i128;
    i64::try_from(missing / step * step).unwrap_or(0)
}

/// Sets what the administrator changed between two states, from the start of the way; answers how many parameters that were.
fn set_parameters(exchange: &mut Exchange, before: &PerpMarket, after: &PerpMarket) -> u64 {
    let mut changed = 0;
    let mut market = exchange.market();
    macro_rules! follow {
        ($($($part:ident).+),* $(,)?) => {$(
            if { before.$($part).+ } != { after.$($part).+ } {
                market.$($part).+ = after.$($part).+;
                changed += 1;
            }
        )*};
    }
    follow!(
        imf_factor,
        unrealized_pnl_imf_factor,
        unrealized_pnl_max_imbalance,
        liquidator_fee,
        if_liquidation_fee,
        margin_ratio_initial,
        margin_ratio_maintenance,
        unrealized_pnl_initial_asset_weight,
        unrealized_pnl_maintenance_asset_weight,
        status,
        contract_tier,
        paused_operations,
        fee_adjustment,
        insurance_claim.max_revenue_withdraw_per_period,
        insurance_claim.quote_max_insurance,
        amm.base_spread,
        amm.max_spread,
        amm.funding_period,
        amm.order_step_size,
        amm.order_tick_size,
        amm.min_order_size,
        amm.max_position_size,
        amm.max_fill_reserve_fraction,
        amm.max_slippage_ratio,
        amm.curve_update_intensity,
        amm.amm_jit_intensity,
        amm.target_base_asset_amount_per_lp,
        amm.concentration_coef,
    );
    if changed > 0 {
        if { before.amm.concentration_coef } != { after.amm.concentration_coef } {
            // A coefficient without bounds for these reserves leaves those that are there.
            let mut amm = market.amm;
            if amm.refresh_bounds().is_ok() {
                market.amm = amm;
            }
        }
        exchange.set(|held| *held = market);
    }
    changed
}
