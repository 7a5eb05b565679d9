//! A user's margin: what all positions need against what they bring, by the oracles' prices.

pub use super::margin_terms::{MarketId, Terms};
use super::quotes::{Quote, Quotes};
use crate::accounts::{
    AssetTier, ContractTier, MarketType, PerpPosition, SpotBalanceType, SpotMarket, SpotPosition, User,
};
use crate::error::{ErrorCode, Result};
use crate::math::perp_margin::PerpMargin;
use crate::math::spot_position::OPEN_ORDER_MARGIN;
use crate::math::strict_price::StrictPrice;
use crate::math::weight::MarginType;
use crate::num::{Checked, Narrow};
use crate::units::{MARGIN, QUOTE_SPOT_MARKET};

/// A user's margin, in quote (1e6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// How it was reckoned.
    pub terms: Terms,
    /// Weighted deposits and profits, less losses.
    pub collateral: i128,
    /// Margin needed.
    pub requirement: u128,
    /// The same with the buffer on every liability; zero without a buffer.
    pub buffered_requirement: u128,
    /// The open orders' part of the requirement, where asked for.
    pub orders_requirement: u128,
    /// The tracked market's part of the requirement.
    pub tracked_requirement: u128,
    /// Debts in spot markets, and possible ones by open orders.
    pub spot_liabilities: u8,
    /// Perpetual positions that could cost something.
    pub perp_liabilities: u8,
    /// Whether every oracle that counted is good enough for margin.
    pub oracles_valid: bool,
    /// Whether a debt is of an isolated asset.
    pub isolated_spot: bool,
    /// Whether a perpetual liability is in an isolated market.
    pub isolated_perp: bool,
}

impl Margin {
    /// The margin of `user` on `terms`. Refused when a market or oracle is missing or a position is malformed.
    pub fn of(user: &User, markets: &mut impl Quotes, terms: Terms) -> Result<Self> {
        let mut sum = Self::none(terms);
        let own_ratio = if terms.margin == MarginType::Initial {
            user.max_margin_ratio
        } else {
            0
        };
        for position in &user.spot_positions {
            if position.is_blank() {
                continue;
            }
            position.check()?;
            if !position.is_available() {
                sum.add_spot(position, markets, own_ratio)?;
            }
        }
        for position in user
            .perp_positions
            .iter()
            .filter(|position| !position.is_available())
        {
            sum.add_perp(position, markets, own_ratio)?;
        }
        if sum.spot_liabilities > 0 && sum.requirement == 0 {
            return Err(ErrorCode::InvalidMarginRatio);
        }
        Ok(sum)
    }

    fn none(terms: Terms) -> Self {
        Self {
            terms,
            collateral: 0,
            requirement: 0,
            buffered_requirement: 0,
            orders_requirement: 0,
            tracked_requirement: 0,
            spot_liabilities: 0,
            perp_liabilities: 0,
            oracles_valid: true,
            isolated_spot: false,
            isolated_perp: false,
        }
    }

    fn add_collateral(&mut self, value: i128) -> Result {
        self.collateral = self.collateral.plus(value)?;
        Ok(())
    }

    fn require(&mut self, requirement: u128, liability: u128, market: MarketId) -> Result {
        self.requirement = self.requirement.plus(requirement)?;
        if self.terms.buffer > 0 {
            let extra = liability.times(self.terms.buffer.into())? / u128::from(MARGIN);
            self.buffered_requirement = self.buffered_requirement.plus(requirement.plus(extra)?)?;
        }
        if self.terms.tracked == Some(market) {
            self.tracked_requirement = self.tracked_requirement.plus(requirement)?;
        }
        Ok(())
    }

    fn add_spot(&mut self, position: &SpotPosition, markets: &mut impl Quotes, own_ratio: u32) -> Result {
        let (market, quote) = markets.spot(position.market_index)?;
        self.oracles_valid &= quote.serves;
        let price = self.strict_price(market, &quote);
        price.check()?;
        if market.market_index == QUOTE_SPOT_MARKET {
            self.add_quote(position, market, &price)
        } else {
            self.add_asset(position, market, &price, own_ratio)
        }
    }

    fn add_quote(&mut self, position: &SpotPosition, market: &SpotMarket, price: &StrictPrice) -> Result {
        let tokens = position.signed_tokens(market)?;
        if tokens == 0 && position.scaled_balance != 0 {
            return Err(ErrorCode::InvalidMarginRatio);
        }
        let value = price.value(tokens, market.decimals)?;
        if position.balance_type == SpotBalanceType::Deposit {
            return self.add_collateral(value);
        }
        let value = value.unsigned_abs();
        if value == 0 {
            return Err(ErrorCode::InvalidMarginRatio);
        }
        self.require(value, value, (MarketType::Spot, QUOTE_SPOT_MARKET))?;
        self.spot_liabilities = self.spot_liabilities.plus(1)?;
        Ok(())
    }

    fn add_asset(
        &mut self,
        position: &SpotPosition,
        market: &SpotMarket,
        price: &StrictPrice,
        own_ratio: u32,
    ) -> Result {
        let id = (MarketType::Spot, market.market_index);
        let tokens = position.signed_tokens(market)?;
        let worst = position
            .worst_fill(market, price, tokens, self.terms.margin)?
            .with_own_ratio(market, price.current, own_ratio)?;
        if worst.tokens == 0 && position.scaled_balance != 0 {
            return Err(ErrorCode::InvalidMarginRatio);
        }
        self.require(u128::from(position.open_orders) * OPEN_ORDER_MARGIN, 0, id)?;

        if worst.value > 0 {
            self.add_collateral(worst.weighted)?;
        } else if worst.value < 0 {
            let (weighted, value) = (worst.weighted.unsigned_abs(), worst.value.unsigned_abs());
            if weighted < value {
                return Err(ErrorCode::InvalidMarginRatio);
            }
            if weighted == 0 {
                return Err(ErrorCode::InvalidOracle);
            }
            self.require(weighted, value, id)?;
        }
        if worst.value < 0 || (worst.value == 0 && position.has_open_order()) {
            self.spot_liabilities = self.spot_liabilities.plus(1)?;
            self.isolated_spot |= market.asset_tier == AssetTier::Isolated;
        }

        if worst.orders_value > 0 {
            self.add_collateral(worst.orders_value)
        } else {
            let paid = worst.orders_value.unsigned_abs();
            if paid == 0 {
                Ok(())
            } else {
                self.require(paid, paid, (MarketType::Spot, QUOTE_SPOT_MARKET))
            }
        }
    }

    fn add_perp(&mut self, position: &PerpPosition, markets: &mut impl Quotes, own_ratio: u32) -> Result {
        let (market, oracle, asset, asset_quote) = markets.perp(position.market_index)?;
        self.oracles_valid &= asset_quote.serves;
        let quote = self.strict_price(asset, &asset_quote);

        let Terms {
            margin,
            share_of_orders,
            ..
        } = self.terms;
        let part = PerpMargin::of(
            position,
            market,
            oracle.price,
            &quote,
            margin,
            own_ratio,
            share_of_orders,
        )?;
        self.require(
            part.requirement,
            part.liability,
            (MarketType::Perp, market.market_index),
        )?;
        self.orders_requirement = self.orders_requirement.plus(part.open_orders)?;
        self.add_collateral(part.pnl)?;

        let liable = position.is_open()
            || position.quote_asset_amount < 0
            || position.has_open_order()
            || position.is_lp();
        if liable {
            self.perp_liabilities = self.perp_liabilities.plus(1)?;
            self.isolated_perp |= market.contract_tier == ContractTier::Isolated;
        }
        if liable || margin != MarginType::Initial {
            self.oracles_valid &= oracle.serves;
        }
        Ok(())
    }

    fn strict_price(&self, market: &SpotMarket, quote: &Quote) -> StrictPrice {
        let average = market.historical_oracle_data.last_oracle_price_twap_5min;
        StrictPrice::new(quote.price, average, self.terms.strict)
    }

    /// Whether the collateral covers the requirement.
    pub fn is_met(&self) -> bool {
        self.collateral >= self.requirement as i128
    }

    /// Whether the collateral covers the requirement but for what open orders need.
    pub fn is_met_without_orders(&self) -> Result<bool> {
        let positions: i128 = self.requirement.minus(self.orders_requirement)?.to()?;
        Ok(self.collateral >= positions)
    }

    /// Whether the collateral covers the requirement with its buffer, so that a liquidation may end.
    pub fn ends_liquidation(&self) -> bool {
        self.collateral >= self.buffered_requirement as i128
    }

    /// What is missing to cover the requirement with its buffer; `InvalidMarginCalculation` without a buffer.
    pub fn shortage(&self) -> Result<u128> {
        if self.terms.buffer == 0 {
            return Err(ErrorCode::InvalidMarginCalculation);
        }
        Ok(self
            .buffered_requirement
            .to::<i128>()?
            .minus(self.collateral)?
            .unsigned_abs())
    }

    /// The tracked market's part of a `shortage`; `InvalidMarginCalculation` where no market is tracked.
    pub fn tracked_shortage(&self, shortage: u128) -> Result<u128> {
        if self.terms.tracked.is_none() {
            return Err(ErrorCode::InvalidMarginCalculation);
        }
        if self.requirement == 0 {
            return Ok(0);
        }
        shortage.times(self.tracked_requirement)?.over(self.requirement)
    }

    /// Collateral beyond the requirement; zero when there is less.
    pub fn free_collateral(&self) -> Result<u128> {
        self.collateral.minus(self.requirement.to()?)?.max(0).to()
    }

    /// Spot and perpetual liabilities together.
    pub fn liabilities(&self) -> Result<u8> {
        self.spot_liabilities.plus(self.perp_liabilities)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::accounts::{Account, MarketStatus, PerpMarket, Pubkey, SpotBalanceType};
    use crate::clock::Clock;
    use crate::engine::markets::Markets;
    use crate::engine::{Cast, MustWrite};

    /// Markets whose oracles all show one dollar, numbered as they are listed.
    pub fn markets<const S: usize, const P: usize>(
        spots: [SpotMarket; S],
        perps: [PerpMarket; P],
    ) -> Markets {
        let mut cast = Cast::default();
        for (index, market) in (0u8..).zip(spots) {
            let market_index = index.into();
            let market = SpotMarket {
                market_index,
                ..market
            };
            cast.add(
                Pubkey([100 + index; 32]),
                false,
                Account::SpotMarket(Box::new(market)),
            );
        }
        for (index, market) in (0u8..).zip(perps) {
            let market_index = index.into();
            let market = PerpMarket {
                market_index,
                ..market
            };
            cast.add(
                Pubkey([200 + index; 32]),
                false,
                Account::PerpMarket(Box::new(market)),
            );
        }
        let mut frame = cast.frame(Clock::default());
        Markets::load(&mut frame, &mut 0, MustWrite::default(), None).unwrap()
    }

    /// A spot market of six decimals without interest, at full weight.
    pub fn dollars() -> SpotMarket {
        SpotMarket {
            decimals: 6,
            cumulative_deposit_interest: 10_000_000_000,
            cumulative_borrow_interest: 10_000_000_000,
            initial_asset_weight: 10_000,
            maintenance_asset_weight: 10_000,
            initial_liability_weight: 10_000,
            maintenance_liability_weight: 10_000,
            status: MarketStatus::Active,
            ..SpotMarket::default()
        }
    }

    /// A perpetual market that asks for a tenth, and for a twentieth to keep a position.
    pub fn perp() -> PerpMarket {
        PerpMarket {
            status: MarketStatus::Active,
            margin_ratio_initial: 1_000,
            margin_ratio_maintenance: 500,
            unrealized_pnl_maintenance_asset_weight: 10_000,
            ..PerpMarket::default()
        }
    }

    /// A user with `tokens` dollars lent, or borrowed where negative.
    pub fn user(tokens: i64) -> User {
        let mut user = User::default();
        user.spot_positions[0] = spot_position(0, tokens);
        user
    }

    fn spot_position(market_index: u16, tokens: i64) -> SpotPosition {
        let kind = if tokens < 0 {
            SpotBalanceType::Borrow
        } else {
            SpotBalanceType::Deposit
        };
        let scaled_balance = tokens.unsigned_abs() * 1_000_000_000;
        SpotPosition {
            market_index,
            scaled_balance,
            balance_type: kind,
            ..SpotPosition::default()
        }
    }

    #[test]
    fn a_position_is_carried_by_the_deposit() {
        let mut markets = markets([dollars()], [perp()]);
        let mut user = user(10);
        user.perp_positions[0].base_asset_amount = 100_000_000_000;
        user.perp_positions[0].quote_asset_amount = -101_000_000;
        let margin = Margin::of(&user, &mut markets, Terms::new(MarginType::Initial)).unwrap();
        // A hundred units at a dollar, bought for 101.
        assert_eq!((margin.collateral, margin.requirement), (9_000_000, 10_000_000));
        assert_eq!((margin.is_met(), margin.free_collateral()), (false, Ok(0)));
        assert_eq!(
            (
                margin.perp_liabilities,
                margin.spot_liabilities,
                margin.oracles_valid
            ),
            (1, 0, true)
        );
        let margin = Margin::of(&user, &mut markets, Terms::liquidation(450)).unwrap();
        assert_eq!(
            (margin.requirement, margin.buffered_requirement),
            (5_000_000, 9_500_000)
        );
        assert_eq!(
            (margin.is_met(), margin.ends_liquidation(), margin.shortage()),
            (true, false, Ok(500_000))
        );
        user.max_margin_ratio = 5_000;
        let own = Margin::of(&user, &mut markets, Terms::new(MarginType::Initial)).unwrap();
        assert_eq!(own.requirement, 50_000_000);
    }

    #[test]
    fn debts_are_required_and_counted() {
        let volatile = SpotMarket {
            initial_liability_weight: 12_000,
            initial_asset_weight: 8_000,
            asset_tier: AssetTier::Isolated,
            ..dollars()
        };
        let mut markets = markets([dollars(), volatile], []);
        let mut user = user(-5);
        user.spot_positions[1] = spot_position(1, 10);
        let terms = Terms::new(MarginType::Initial).tracking((MarketType::Spot, 0));
        let margin = Margin::of(&user, &mut markets, terms).unwrap();
        assert_eq!((margin.collateral, margin.requirement), (8_000_000, 5_000_000));
        assert_eq!((margin.spot_liabilities, margin.isolated_spot), (1, false));
        assert_eq!(margin.tracked_shortage(600), Ok(600));
        user.spot_positions = [SpotPosition::default(); 8];
        user.spot_positions[1] = spot_position(1, -10);
        let margin = Margin::of(&user, &mut markets, terms).unwrap();
        assert_eq!(
            (margin.collateral, margin.requirement, margin.isolated_spot),
            (0, 12_000_000, true)
        );
        assert_eq!(margin.tracked_shortage(600), Ok(0));
    }

    #[test]
    fn strict_reckoning_takes_the_worse_price() {
        let mut low = dollars();
        low.historical_oracle_data.last_oracle_price_twap_5min = 900_000;
        let mut markets = markets([low], []);
        let strict = Terms::new(MarginType::Initial).strict();
        assert_eq!(
            Margin::of(&user(10), &mut markets, strict).unwrap().collateral,
            9_000_000
        );
        assert_eq!(
            Margin::of(&user(-10), &mut markets, strict).unwrap().requirement,
            10_000_000
        );
    }

    #[test]
    fn what_cannot_be_reckoned_is_refused() {
        let terms = Terms::new(MarginType::Initial);
        let mut none = markets([dollars()], []);
        let mut trader = user(1);
        trader.perp_positions[0].base_asset_amount = 1;
        assert_eq!(
            Margin::of(&trader, &mut none, terms),
            Err(ErrorCode::PerpMarketNotFound)
        );
        trader.spot_positions[7].open_asks = 1;
        assert_eq!(
            Margin::of(&trader, &mut none, terms),
            Err(ErrorCode::InvalidSpotPositionDetected)
        );
        let mut dust = user(0);
        dust.spot_positions[0].scaled_balance = 1;
        assert_eq!(
            Margin::of(&dust, &mut none, terms),
            Err(ErrorCode::InvalidMarginRatio)
        );
        let mut lone = user(0);
        lone.spot_positions[1] = spot_position(1, 1);
        assert_eq!(
            Margin::of(&lone, &mut none, terms),
            Err(ErrorCode::SpotMarketNotFound)
        );
        let plain = Margin::of(&user(1), &mut none, terms).unwrap();
        assert_eq!(plain.shortage(), Err(ErrorCode::InvalidMarginCalculation));
        assert_eq!(
            plain.tracked_shortage(1),
            Err(ErrorCode::InvalidMarginCalculation)
        );
    }
}
