//! What margins depend on besides users' own accounts: a number each.

use crate::world::World;
use drift::accounts::{MarketStatus, PerpMarket, SpotMarket};
use drift::ledger::Ledger;

/// What of a perpetual market a margin depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Perp {
    /// The price outside (1e6).
    Price,
    /// What a long unit has paid in funding (1e9).
    FundingLong,
    /// What a short unit has been paid (1e9).
    FundingShort,
    /// How often what LP shares stand for changed.
    Liquidity,
    /// How often the rules changed.
    Rules,
}

/// What of a spot market a margin depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// The price outside (1e6).
    Price,
    /// Interest that lenders have got (1e10).
    DepositInterest,
    /// Interest that borrowers have paid (1e10).
    BorrowInterest,
    /// How often the rules changed.
    Rules,
}

const PERP_LEVELS: usize = 5;
const SPOT_LEVELS: usize = 4;

/// Which levels there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    perps: usize,
    spots: usize,
}

impl Places {
    pub fn of(world: &World) -> Self {
        Self {
            perps: world.perp_count().into(),
            spots: world.spot_count().into(),
        }
    }

    pub fn count(self) -> usize {
        self.perps * PERP_LEVELS + self.spots * SPOT_LEVELS
    }

    pub fn perp(self, market: u16, what: Perp) -> usize {
        usize::from(market) * PERP_LEVELS + what as usize
    }

    pub fn spot(self, market: u16, what: Spot) -> usize {
        self.perps * PERP_LEVELS + usize::from(market) * SPOT_LEVELS + what as usize
    }
}

/// What LP shares stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Liquidity {
    per_lp: [i128; 2],
    unit: i8,
    reserves: [u128; 4],
}

/// The rules of a perpetual market that a maintenance margin goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct PerpRules {
    status: MarketStatus,
    expiry_price: i64,
    ratio: u32,
    imf_factor: u32,
    profit_weight: u32,
    asset: u16,
    step: u64,
}

/// The same of a spot market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SpotRules {
    weights: [u32; 2],
    imf_factor: u32,
}

/// The state that the counted levels were last told from.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    perps: Vec<(Liquidity, PerpRules)>,
    spots: Vec<SpotRules>,
}

fn liquidity(market: &PerpMarket) -> Liquidity {
    let amm = &market.amm;
    Liquidity {
        per_lp: [amm.base_asset_amount_per_lp, amm.quote_asset_amount_per_lp],
        unit: amm.per_lp_base,
        reserves: [
            amm.base_asset_reserve,
            amm.min_base_asset_reserve,
            amm.max_base_asset_reserve,
            amm.sqrt_k,
        ],
    }
}

fn perp_rules(market: &PerpMarket) -> PerpRules {
    PerpRules {
        status: market.status,
        expiry_price: market.expiry_price,
        ratio: market.margin_ratio_maintenance,
        imf_factor: market.imf_factor,
        profit_weight: market.unrealized_pnl_maintenance_asset_weight,
        asset: market.quote_spot_market_index,
        step: market.amm.order_step_size,
    }
}

fn spot_rules(market: &SpotMarket) -> SpotRules {
    SpotRules {
        weights: [
            market.maintenance_asset_weight,
            market.maintenance_liability_weight,
        ],
        imf_factor: market.imf_factor,
    }
}

impl Seen {
    /// Writes what the accounts say now into `values`, and calls `changed` with each level that moved.
    pub fn look<L: Ledger>(
        &mut self,
        places: Places,
        world: &World,
        ledger: &L,
        mut set: impl FnMut(usize, Change),
    ) {
        self.perps.resize(places.perps, Default::default());
        self.spots.resize(places.spots, Default::default());
        for (index, seen) in (0u16..).zip(&mut self.perps) {
            let Some(market) = world.perp(ledger, index) else {
                continue;
            };
            let at = |what| places.perp(index, what);
            let amm = &market.amm;
            set(
                at(Perp::FundingLong),
                Change::To(amm.cumulative_funding_rate_long),
            );
            set(
                at(Perp::FundingShort),
                Change::To(amm.cumulative_funding_rate_short),
            );
            let now = (liquidity(market), perp_rules(market));
            if now.0 != seen.0 {
                set(at(Perp::Liquidity), Change::Again);
            }
            if now.1 != seen.1 {
                set(at(Perp::Rules), Change::Again);
            }
            *seen = now;
        }
        for (index, seen) in (0u16..).zip(&mut self.spots) {
            let Some(market) = world.spot(ledger, index) else {
                continue;
            };
            let at = |what| places.spot(index, what);
            // Interest is far below the largest signed integer.
            let interest = |level: u128| Change::To(i128::try_from(level).unwrap_or(i128::MAX));
            set(
                at(Spot::DepositInterest),
                interest(market.cumulative_deposit_interest),
            );
            set(
                at(Spot::BorrowInterest),
                interest(market.cumulative_borrow_interest),
            );
            let now = spot_rules(market);
            if now != *seen {
                set(at(Spot::Rules), Change::Again);
            }
            *seen = now;
        }
    }
}

/// What became of a level.
pub(super) enum Change {
    /// It stands here now.
    To(i128),
    /// It changed once more.
    Again,
}
