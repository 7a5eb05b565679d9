//! How far the world may move before a user's margin could turn from enough to too little, or back.

use super::level::{Perp, Places, Spot};
use drift::accounts::{PerpPosition, SpotPosition, User};
use drift::engine::Quotes;
use drift::engine::margin::{Margin, Terms};
use drift::error::Result;
use drift::math::perp_margin::settled_with_pnl;
use drift::math::weight::MarginType;
use drift::num::{Checked, Narrow, power_of_ten};
use drift::units::{BASE, MARGIN, QUOTE_SPOT_MARKET};
use smallvec::SmallVec;

/// The most (1e6) by which a position's roundings make its margin differ between two levels.
const ROUNDING: i128 = 16;

/// The values of a level at which nothing can have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub level: u32,
    pub low: i128,
    pub high: i128,
}

impl Room {
    pub fn holds(&self, value: i128) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// A level for each thing that a user's margin depends on, few in number.
pub(super) type Rooms = SmallVec<[Room; 6]>;

/// How a margin (1e6) answers to a level, per `per` units of it: at most so much.
#[derive(Clone, Copy, Debug)]
struct Slope {
    level: usize,
    at: i128,
    /// Lost as the level falls.
    fall: i128,
    /// Lost as it rises.
    rise: i128,
    /// Lost or gained, either way.
    either: i128,
    per: i128,
}

/// What a margin depends on: by slopes, and by levels any change of which counts.
#[derive(Default)]
struct Ties {
    slopes: SmallVec<[Slope; 4]>,
    pins: SmallVec<[usize; 8]>,
    positions: i128,
}

/// Whether the maintenance margin of `user` is covered, and how far each of `levels` may move before that could
/// change.
pub(super) fn measure(
    user: &User,
    markets: &mut impl Quotes,
    places: Places,
    levels: &[i128],
) -> (bool, Rooms) {
    let margin = Margin::of(user, markets, Terms::new(MarginType::Maintenance));
    let ties = Ties::of(user, markets, places, levels);
    match (margin, ties) {
        (Ok(margin), Ok(ties)) => {
            let left = margin.collateral - margin.requirement as i128;
            (left >= 0, ties.rooms(left, levels))
        }
        // What cannot be reckoned is looked at again whenever anything moves; nobody can liquidate it either.
        (margin, _) => {
            let pinned = (0..levels.len()).map(|level| pin(level, levels));
            (margin.map_or(true, |margin| margin.is_met()), pinned.collect())
        }
    }
}

fn pin(level: usize, levels: &[i128]) -> Room {
    Room {
        level: level as u32,
        low: levels[level],
        high: levels[level],
    }
}

impl Ties {
    fn of(user: &User, markets: &mut impl Quotes, places: Places, levels: &[i128]) -> Result<Self> {
        let mut ties = Self::default();
        for held in user.spot_positions.iter().filter(|held| !held.is_available()) {
            ties.add_spot(held, markets, places, levels)?;
        }
        for held in user.perp_positions.iter().filter(|held| !held.is_available()) {
            ties.add_perp(held, markets, places, levels)?;
        }
        Ok(ties)
    }

    fn add_spot(
        &mut self,
        held: &SpotPosition,
        markets: &mut impl Quotes,
        places: Places,
        levels: &[i128],
    ) -> Result {
        self.positions += 1;
        let index = held.market_index;
        let at = |what| places.spot(index, what);
        let (market, _) = markets.spot(index)?;
        let interest = if held.is_borrow() {
            at(Spot::BorrowInterest)
        } else {
            at(Spot::DepositInterest)
        };
        let price = at(Spot::Price);
        if index == QUOTE_SPOT_MARKET {
            let value = i128::from(held.scaled_balance);
            self.slopes.push(Slope {
                level: interest,
                at: levels[interest],
                fall: if held.is_borrow() { 0 } else { value },
                rise: if held.is_borrow() { value } else { 0 },
                either: value,
                per: power_of_ten(19 - market.decimals.min(19))?.to()?,
            });
            return Ok(());
        }
        self.pins.extend([interest, at(Spot::Rules)]);
        if held.has_open_order() {
            self.pins.push(price);
            return Ok(());
        }
        let tokens = held.tokens(market)?;
        let weight = if held.is_borrow() {
            market.liability_weight(tokens, MarginType::Maintenance)?
        } else {
            // Prices do not enter a weight for maintenance.
            market.asset_weight(tokens, 1, MarginType::Maintenance)?
        };
        let value = tokens.times(weight.into())?.to::<i128>()?;
        self.slopes.push(Slope {
            level: price,
            at: levels[price],
            fall: if held.is_borrow() { 0 } else { value },
            rise: if held.is_borrow() { value } else { 0 },
            either: value,
            per: power_of_ten(market.decimals)?.times(MARGIN.into())?.to()?,
        });
        Ok(())
    }

    fn add_perp(
        &mut self,
        held: &PerpPosition,
        markets: &mut impl Quotes,
        places: Places,
        levels: &[i128],
    ) -> Result {
        self.positions += 1;
        let index = held.market_index;
        let at = |what| places.perp(index, what);
        let (market, quote, ..) = markets.perp(index)?;
        self.pins.push(at(Perp::Rules));
        if held.is_open() {
            let long = held.base_asset_amount > 0;
            self.pins.push(at(if long {
                Perp::FundingLong
            } else {
                Perp::FundingShort
            }));
        }
        if held.is_lp() {
            self.pins.push(at(Perp::Liquidity));
        }
        let price = at(Perp::Price);
        if market.quote_spot_market_index != QUOTE_SPOT_MARKET {
            self.pins.push(price);
            self.pins
                .push(places.spot(market.quote_spot_market_index, Spot::Price));
            return Ok(());
        }
        let (settled, _) = settled_with_pnl(held, market, market.price_or_expiry(quote.price))?;
        let one = i128::from(MARGIN);
        let size = settled.worst_case_base()?.unsigned_abs();
        let ratio = market.margin_ratio(size, MarginType::Maintenance)?;
        // In base (1e9) times a ten-thousandth: the position, what its size asks for, and what a share of liquidity
        // asks for and leaves below a step.
        let base = i128::from(settled.base_asset_amount).times(one)?;
        let asked = size.to::<i128>()?.times(ratio.into())?;
        let step = if held.is_lp() {
            i128::from(market.amm.order_step_size).times(2 * one)?
        } else {
            0
        };
        // A profit may count for less than a loss.
        let profit = base.abs() / one * i128::from(market.unrealized_pnl_maintenance_asset_weight).min(one);
        let (fall, rise) = if base > 0 {
            (base - asked, asked - profit)
        } else {
            (-asked - profit, base.abs() + asked)
        };
        self.slopes.push(Slope {
            level: price,
            at: levels[price],
            fall: fall.max(0).plus(step)?,
            rise: rise.max(0).plus(step)?,
            either: base.abs().plus(asked)?.plus(step)?,
            per: i128::from(BASE).times(one)?,
        });
        Ok(())
    }

    /// How far each level may go while `left` (1e6), the margin beyond what is needed, keeps its sign.
    fn rooms(&self, left: i128, levels: &[i128]) -> Rooms {
        let covered = left >= 0;
        // Short by nothing is enough, so the least shortage may not shrink at all.
        let spare = if covered { left } else { -left - 1 };
        let spare = (spare - ROUNDING * self.positions).max(0);
        // All levels may move by the same share of themselves.
        let reach = |slope: &Slope| {
            let steepest = if covered {
                slope.fall.max(slope.rise)
            } else {
                slope.either
            };
            steepest as f64 * slope.at as f64 / slope.per as f64
        };
        let whole: f64 = self.slopes.iter().map(reach).sum();
        let mut rooms: Rooms = self.pins.iter().map(|level| pin(*level, levels)).collect();
        for slope in &self.slopes {
            let share = if whole > 0.0 { reach(slope) / whole } else { 0.0 };
            // A millionth less than the share, for the rounding of doubles: all shares together never exceed the whole.
            let own = (spare as f64 * share * (1.0 - 1e-6)) as i128;
            let (fall, rise) = if covered {
                (slope.fall, slope.rise)
            } else {
                (slope.either, slope.either)
            };
            let room = |steepness: i128| match steepness {
                0 => i128::MAX,
                _ => own.saturating_mul(slope.per) / steepness,
            };
            rooms.push(Room {
                level: slope.level as u32,
                low: slope.at.saturating_sub(room(fall)),
                high: slope.at.saturating_add(room(rise)),
            });
        }
        rooms
    }
}
