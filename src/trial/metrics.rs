//! What a trial leaves behind: one row of named numbers.

use super::conservation::Conservation;
use super::counts::Counts;
use super::equity::equity;
use super::observer::Moment;
use crate::event::{Kind, Null, Parameters};
use crate::scenario::{Prepared, UserRole};
use crate::world::{AtPrices, Prices};
use drift::error::{ErrorCode, Result};
use drift::num::{Checked, Narrow};
use std::borrow::Cow;
use std::sync::LazyLock;

/// A metric's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Metric {
    /// A count or an integer in the protocol's scale.
    Count(u64),
    /// A signed integer in the protocol's scale.
    Signed(i64),
    /// A number.
    Float(f64),
    /// Whether something holds.
    Flag(bool),
    /// How often each code was met.
    Codes(Vec<(u32, u32)>),
}

/// A metric's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    Number,
    /// Dollars. Computed in millionths, exact as far as a double holds them.
    Dollars,
    /// Dollars a unit of base.
    Price,
    /// Units of base.
    Base,
    /// A share of one.
    Share,
    /// The smallest unit of a token.
    Token,
    /// A billionth of a token, before interest.
    ScaledToken,
}

impl Unit {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Number => "",
            Unit::Dollars => "USD",
            Unit::Price => "USD per unit of base",
            Unit::Base => "units of base",
            Unit::Share => "share of 1",
            Unit::Token => "smallest unit of the token",
            Unit::ScaledToken => "1e-9 token",
        }
    }
}

/// What a metric is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The column's name.
    pub name: Cow<'static, str>,
    /// The unit.
    pub unit: Unit,
    /// What a value says.
    pub about: Cow<'static, str>,
}

/// The metrics of a trial, in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    /// Each with its description.
    pub values: Vec<(Info, Metric)>,
    /// How many events happened.
    pub events: u64,
}

/// Kinds of events that are counted, with the metric's name and description: all but `null`, which is nothing.
static COUNTED: LazyLock<Vec<(usize, String, String)>> = LazyLock::new(|| {
    let kinds = Kind::NAMES.iter().enumerate();
    kinds
        .filter(|(_, name)| **name != Null::NAME)
        .map(|(kind, name)| {
            let name = name.trim_start_matches('_');
            (kind, format!("events_{name}"), format!("`{name}` events"))
        })
        .collect()
});

struct Row(Vec<(Info, Metric)>);

impl Row {
    fn add(&mut self, name: impl Into<Cow<'static, str>>, unit: Unit, about: &'static str, value: Metric) {
        let info = Info {
            name: name.into(),
            unit,
            about: about.into(),
        };
        self.0.push((info, value));
    }

    fn dollars(&mut self, name: &'static str, about: &'static str, micros: i128) {
        self.add(name, Unit::Dollars, about, Metric::Float(micros as f64 / 1e6));
    }

    fn count(&mut self, name: &'static str, about: &'static str, value: u64) {
        self.add(name, Unit::Number, about, Metric::Count(value));
    }

    fn float(&mut self, name: impl Into<Cow<'static, str>>, unit: Unit, about: &'static str, value: f64) {
        self.add(name, unit, about, Metric::Float(value));
    }
}

/// What a group of users gained.
#[derive(Clone, Copy, Default)]
struct Gain {
    deposited: i128,
    profit: i128,
    winners: u64,
}

impl Metrics {
    pub(super) fn compute(counts: &Counts, prepared: &Prepared, end: &Moment) -> Result<Self> {
        let at = |paths: &[crate::path::PricePath]| -> Vec<u64> {
            paths.iter().map(|path| path.price_at(end.second)).collect()
        };
        let (perps, spots) = (at(&prepared.perp_paths), at(&prepared.spot_paths));
        let mut markets = AtPrices {
            world: end.world,
            ledger: end.ledger,
            prices: Prices {
                perps: &perps,
                spots: &spots,
            },
        };
        let (mut traders, mut providers) = (Gain::default(), Gain::default());
        for (number, user) in (0u32..).zip(&prepared.users) {
            // One whose first deposit was refused has nothing, in or out.
            let Some(account) = end.world.user(end.ledger, number) else {
                continue;
            };
            let deposited = i128::from(account.total_deposits).minus(account.total_withdraws.into())?;
            let profit = equity(account, &mut markets)?.minus(deposited)?;
            let gain = if user.role == UserRole::Trader {
                &mut traders
            } else {
                &mut providers
            };
            gain.deposited = gain.deposited.plus(deposited)?;
            gain.profit = gain.profit.plus(profit)?;
            gain.winners += u64::from(profit > 0);
        }
        let users = prepared.users.len() as u32;
        let conservation = Conservation::check(end.world, end.ledger, users, &counts.interest)?;

        let mut row = Row(Vec::with_capacity(64));
        let events: u64 = counts.events.iter().sum();
        row.count("events", "events that happened", events);
        for (kind, name, about) in COUNTED.iter() {
            row.count(name, about, counts.events[*kind]);
        }
        row.count(
            "instructions",
            "instructions executed after the set-up",
            counts.instructions,
        );
        let refused: u32 = counts.refused.values().sum();
        row.count("refused", "instructions refused", refused.into());
        let codes = counts
            .refused
            .iter()
            .map(|(code, count)| (code.number(), *count))
            .collect();
        row.add(
            "refusals",
            Unit::Number,
            "instructions refused, by error code",
            Metric::Codes(codes),
        );
        row.dollars("volume_usd", "traded with the AMM", counts.volume.to()?);

        row.dollars(
            "traders_profit_usd",
            "traders' equity at oracle prices, less their deposits",
            traders.profit,
        );
        row.dollars("traders_deposit_usd", "what traders put in", traders.deposited);
        row.count("traders_winning", "traders with a profit", traders.winners);
        row.dollars(
            "lp_profit_usd",
            "LPs' equity at oracle prices, shares settled, less their deposits",
            providers.profit,
        );
        row.dollars("lp_deposit_usd", "what LPs put in", providers.deposited);
        row.count("lp_winning", "LPs with a profit", providers.winners);
        let ratio = |profit: i128, whole: f64| if whole > 0.0 { profit as f64 / whole } else { 0.0 };
        row.float(
            "lp_return",
            Unit::Share,
            "LPs' profit over their deposits: against holding the deposit",
            ratio(providers.profit, providers.deposited as f64),
        );
        row.float(
            "lp_shares_added",
            Unit::Base,
            "LP shares minted over the whole trial",
            counts.shares_added as f64 / 1e9,
        );
        row.float(
            "lp_profit_per_share_usd",
            Unit::Price,
            "LPs' profit over the shares minted",
            ratio(providers.profit, counts.shares_added as f64 / 1e3),
        );
        row.dollars(
            "protocol_profit_usd",
            "what traders and LPs together lost: kept by the AMM and its fee pools",
            traders
                .profit
                .plus(providers.profit)?
                .checked_neg()
                .ok_or(ErrorCode::MathError)?,
        );

        Self::markets(&mut row, counts, end, &perps)?;

        row.float(
            "mark_oracle_gap_mean",
            Unit::Share,
            "mean of (mark - oracle) / oracle over samples",
            counts.gap.sum / counts.gap.samples.max(1) as f64,
        );
        row.float(
            "mark_oracle_gap_rms",
            Unit::Share,
            "root mean square of the same",
            (counts.gap.squares / counts.gap.samples.max(1) as f64).sqrt(),
        );
        row.float(
            "mark_oracle_gap_max",
            Unit::Share,
            "largest absolute value of the same",
            counts.gap.max,
        );
        row.add(
            "conserved",
            Unit::Number,
            "whether every sum below is exact",
            Metric::Flag(conservation.holds(counts.instructions)),
        );
        row.add(
            "unclaimed_balance",
            Unit::ScaledToken,
            "spot markets' totals less the balances in them",
            Metric::Count(conservation.unclaimed_balance.to()?),
        );
        row.add(
            "vault_excess",
            Unit::Token,
            "tokens in vaults less all claims on them and less what is next",
            Metric::Signed(conservation.vault_excess.to()?),
        );
        row.add(
            "interest_rounding",
            Unit::Token,
            "tokens that the program's roundings of interest left in vaults",
            Metric::Signed(counts.interest.units(end.world, end.ledger)?.to()?),
        );
        row.add(
            "unclaimed_positions",
            Unit::Number,
            "perpetual markets' totals less the positions in them",
            Metric::Count(conservation.unclaimed_positions.to()?),
        );
        Ok(Self {
            values: row.0,
            events,
        })
    }

    fn markets(row: &mut Row, counts: &Counts, end: &Moment, perps: &[u64]) -> Result {
        let mut sums = [0i128; 5];
        for index in 0..end.world.perp_count() {
            let market = end.world.perp(end.ledger, index);
            let amm = &market.ok_or(ErrorCode::PerpMarketNotFound)?.amm;
            let of_market = [
                { amm.total_exchange_fee }.to()?,
                amm.total_mm_fee,
                amm.total_fee,
                amm.total_fee_minus_distributions,
                i128::from(amm.net_revenue_since_last_funding),
            ];
            for (sum, value) in sums.iter_mut().zip(of_market) {
                *sum = sum.plus(value)?;
            }
        }
        row.dollars("fees_usd", "fees that takers paid", sums[0]);
        row.dollars("spread_revenue_usd", "what the AMM earned by its spread", sums[1]);
        row.dollars("amm_fees_usd", "the AMM's share of fees and spread", sums[2]);
        row.dollars(
            "amm_fees_kept_usd",
            "the same less what repegs, k changes and funding cost",
            sums[3],
        );
        row.dollars(
            "funding_paid_by_longs_usd",
            "settled funding that long positions paid; negative: received",
            counts.funding.longs,
        );
        row.dollars(
            "funding_paid_by_shorts_usd",
            "settled funding that short positions paid; negative: received",
            counts.funding.shorts,
        );
        let effects = end.ledger.effects();
        row.count("repegs", "events that moved a peg multiplier", counts.repegs);
        row.dollars("repeg_cost_usd", "what repegs cost the AMM", effects.repeg_cost);
        row.count(
            "k_changes",
            "events in which the AMM changed its own k",
            counts.k_changes,
        );
        row.dollars(
            "k_change_cost_usd",
            "what k changes cost the AMM; negative: brought",
            effects.k_cost,
        );
        row.float(
            "largest_imbalance",
            Unit::Base,
            "largest absolute net position of users against the AMM",
            counts.largest_imbalance as f64 / 1e9,
        );
        for (index, oracle) in (0..end.world.perp_count()).zip(perps) {
            let market = end
                .world
                .perp(end.ledger, index)
                .ok_or(ErrorCode::PerpMarketNotFound)?;
            let amm = &market.amm;
            let dollars = |value: u64| value as f64 / 1e6;
            let mut price = |name: &str, about: &'static str, value: f64| {
                row.float(format!("m{index}_{name}_usd"), Unit::Price, about, value);
            };
            price("oracle", "oracle's price at the end", dollars(*oracle));
            price("mark", "AMM's price at the end", dollars(amm.reserve_price()?));
            price(
                "peg",
                "peg multiplier at the end",
                { amm.peg_multiplier } as f64 / 1e6,
            );
            price(
                "mark_twap",
                "mark's average over the funding period",
                dollars(amm.last_mark_price_twap),
            );
            price(
                "mark_twap_5min",
                "mark's average over five minutes",
                dollars(amm.last_mark_price_twap_5min),
            );
            let oracles = amm.historical_oracle_data;
            price(
                "oracle_twap",
                "oracle's average over the funding period",
                oracles.last_oracle_price_twap as f64 / 1e6,
            );
            price(
                "oracle_twap_5min",
                "oracle's average over five minutes",
                oracles.last_oracle_price_twap_5min as f64 / 1e6,
            );
            let mut base = |name: &str, about: &'static str, value: f64| {
                row.float(format!("m{index}_{name}"), Unit::Base, about, value / 1e9);
            };
            base("sqrt_k", "liquidity at the end, LPs' included", { amm.sqrt_k }
                as f64);
            base("lp_shares", "LPs' shares at the end", { amm.user_lp_shares }
                as f64);
            base(
                "net_position",
                "users' net position against the AMM at the end",
                { amm.base_asset_amount_with_amm } as f64,
            );
        }
        Ok(())
    }
}
