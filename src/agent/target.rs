//! How much to trade to move the AMM's price to a target.

use crate::event::Direction;
use drift::accounts::PerpMarket;

/// The trade that moves the curve's price to `target` (1e6): its direction and what its base is worth at the price
/// before it (1e6), which is how events count. An agent's estimate, in floating point: the amount only becomes exact
/// when it is traded.
pub(super) fn trade_to(market: &PerpMarket, target: f64) -> Option<(Direction, f64)> {
    let amm = &market.amm;
    let (base, quote) = (amm.base_asset_reserve as f64, amm.quote_asset_reserve as f64);
    let (sqrt_k, peg) = (amm.sqrt_k as f64, amm.peg_multiplier as f64);
    if !(target > 0.0 && base > 0.0 && peg > 0.0) {
        return None;
    }
    // On the curve x*y = k, the price is y/x*peg, so the base reserve at the target is sqrt(k*peg/target).
    let wanted = sqrt_k * (peg / target).sqrt();
    let worth = (wanted - base).abs() / 1e9 * (quote / base * peg);
    let direction = if wanted < base {
        Direction::Long
    } else {
        Direction::Short
    };
    worth.is_finite().then_some((direction, worth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::accounts::PerpMarket;

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
        // Price 10, reserves of 1,000. At 14.4 the base reserve is 1,000 / 1.2: 166.666667 less, at 10 dollars each.
        let (direction, worth) = trade_to(&market(), 14_400_000.0).unwrap();
        assert_eq!(direction, Direction::Long);
        assert!((worth - 1_666_666_666.7).abs() < 1.0, "{worth}");
        // At 8.1 it is 1,000 / 0.9: 111.111111 more.
        let (direction, worth) = trade_to(&market(), 8_100_000.0).unwrap();
        assert_eq!(direction, Direction::Short);
        assert!((worth - 1_111_111_111.1).abs() < 1.0, "{worth}");
        assert_eq!(trade_to(&market(), 0.0), None);
    }
}
