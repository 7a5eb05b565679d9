//! How much to trade to move the AMM's price to a target.

use crate::drift::accounts::PerpMarket;
use crate::event::Direction;

/// The trade that moves the curve's price to `target` (1e6): its direction and what it costs in quote (1e6), on the
/// curve without spread. An agent's estimate, in floating point: the amount only becomes exact when it is traded.
pub(super) fn trade_to(market: &PerpMarket, target: f64) -> Option<(Direction, f64)> {
    let amm = &market.amm;
    let (base, quote) = (amm.base_asset_reserve as f64, amm.quote_asset_reserve as f64);
    let (sqrt_k, peg) = (amm.sqrt_k as f64, amm.peg_multiplier as f64 / 1e6);
    let target = target / 1e6;
    if !(target > 0.0 && base > 0.0 && peg > 0.0) {
        return None;
    }
    // On the curve x*y = k, the price is y/x*peg, so the quote reserve at the target is sqrt(k*target/peg).
    let wanted = sqrt_k * (target / peg).sqrt();
    let cost = (wanted - quote).abs() * peg / 1e3;
    let direction = if wanted > quote {
        Direction::Long
    } else {
        Direction::Short
    };
    cost.is_finite().then_some((direction, cost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::accounts::PerpMarket;

    fn market() -> PerpMarket {
        let mut market = PerpMarket::default();
        market.amm.base_asset_reserve = 1_000_000_000_000;
        market.amm.quote_asset_reserve = 1_000_000_000_000;
        market.amm.sqrt_k = 1_000_000_000_000;
        market.amm.peg_multiplier = 10_000_000;
        market
    }

    #[test]
    fn the_trade_follows_from_the_curve() {
        // Price 10, reserves of 1,000. At 14.4 the quote reserve is 1,200: 200 more, worth 10 dollars each.
        let (direction, cost) = trade_to(&market(), 14_400_000.0).unwrap();
        assert_eq!(direction, Direction::Long);
        assert!((cost - 2_000e6).abs() < 1.0, "{cost}");
        // At 8.1 it is 900: 100 less.
        let (direction, cost) = trade_to(&market(), 8_100_000.0).unwrap();
        assert_eq!(direction, Direction::Short);
        assert!((cost - 1_000e6).abs() < 1.0, "{cost}");
        assert_eq!(trade_to(&market(), 0.0), None);
    }
}
