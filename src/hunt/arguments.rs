//! The arguments of an instruction: sensible for whom it is about, at the border of sense, or beyond it.

use super::dice::Dice;
use super::focus::{Focus, user};
use super::orders::order;
use super::scene::guard_rails;
use super::settings::setting;
use crate::world::{Role, user_keys};
use drift::accounts::{
    Account, FeeStructure, InsuranceFundStake, MarketStatus, PerpMarket, SpotMarket, Stored,
};
use drift::instruction::{
    Instruction, PlaceAndTakePerpOrder, PlaceOrders, PlacePerpOrder, UpdateOracleGuardRails,
    UpdatePerpFeeStructure, discriminator,
};
use drift::key::pda;
use drift::ledger::Ledger;
use std::sync::LazyLock;

/// Instructions that only open an exchange or a market: once, at the start.
const OPENING: [&str; 3] = ["initialize", "initialize_spot_market", "initialize_perp_market"];

/// What is generated: every instruction but those that open markets.
pub(super) static GENERATED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let opening = |name: &&str| OPENING.contains(name);
    Instruction::NAMES
        .iter()
        .copied()
        .filter(|name| !opening(name))
        .collect()
});

/// The arguments of an instruction under way.
struct Draft<'a> {
    dice: &'a mut Dice,
    ledger: &'a dyn Ledger,
    focus: &'a Focus,
    name: &'static str,
    /// A reserve that another argument has to fit.
    base_reserve: u128,
}

/// The instruction `name` about `focus`; none where nobody knows the name.
pub(super) fn instruction(
    dice: &mut Dice,
    ledger: &dyn Ledger,
    focus: &Focus,
    name: &str,
) -> Option<Instruction> {
    let place = Instruction::NAMES.iter().position(|known| *known == name)?;
    let mut draft = Draft {
        dice,
        ledger,
        focus,
        name: Instruction::NAMES[place],
        base_reserve: 0,
    };
    if let Some(typed) = draft.typed() {
        return Some(typed);
    }
    let mut bytes = discriminator(name).to_vec();
    for (argument, kind) in Instruction::ARGUMENTS[place] {
        draft.write(argument, kind, &mut bytes);
    }
    Instruction::decode(&bytes).ok()
}

/// The instruction with whatever zero stands for.
#[cfg(test)]
pub(super) fn blank(name: &str) -> Option<Instruction> {
    Instruction::decode(&[&discriminator(name)[..], &[0; 2_048]].concat()).ok()
}

impl Draft<'_> {
    /// Instructions whose arguments are structures.
    fn typed(&mut self) -> Option<Instruction> {
        let order = |draft: &mut Self| order(draft.dice, draft.ledger, draft.focus);
        Some(match self.name {
            "place_and_take_perp_order" => PlaceAndTakePerpOrder {
                params: order(self),
                maker_order_id: self.dice.happens(5).then_some(1),
            }
            .into(),
            "place_perp_order" => PlacePerpOrder { params: order(self) }.into(),
            "place_orders" => {
                let orders = self.dice.below(4);
                PlaceOrders {
                    params: (0..orders).map(|_| order(self)).collect(),
                }
                .into()
            }
            "update_oracle_guard_rails" => UpdateOracleGuardRails {
                oracle_guard_rails: guard_rails(self.dice),
            }
            .into(),
            "update_perp_fee_structure" => UpdatePerpFeeStructure {
                fee_structure: Box::new(self.fees()),
            }
            .into(),
            _ => return None,
        })
    }

    /// The program's own fees, or others for the first tier.
    fn fees(&mut self) -> FeeStructure {
        let mut fees = FeeStructure::initial_perp();
        if self.dice.happens(60) {
            let tier = &mut fees.fee_tiers[0];
            tier.fee_numerator = self.dice.pick(&[0, 30, 1_000, 50_000]);
            tier.maker_rebate_numerator = self.dice.pick(&[0, 10, 30, 2_000]);
        }
        fees
    }

    /// Adds an argument of type `kind`, as it is on the wire.
    fn write(&mut self, argument: &str, kind: &str, bytes: &mut Vec<u8>) {
        match kind
            .strip_prefix("Option<")
            .and_then(|kind| kind.strip_suffix('>'))
        {
            Some(kind) => match self.dice.happens(self.given_percent(argument)) {
                true => {
                    bytes.push(1);
                    self.write(argument, kind, bytes);
                }
                false => bytes.push(0),
            },
            None => match kind {
                "[u8; 32]" => bytes.extend([b' '; 32]),
                "[u16; 5]" => (0..5).for_each(|_| self.write("market_index", "u16", bytes)),
                "Vec<u32>" => {
                    let length = self.dice.below(4) as u32;
                    bytes.extend(length.to_le_bytes());
                    (0..length).for_each(|_| self.write("order_id", "u32", bytes));
                }
                _ => {
                    let value = self.number(argument);
                    bytes.extend(&value.to_le_bytes()[..width(kind).unwrap_or(8)]);
                }
            },
        }
    }

    /// How often an optional argument is given, in a hundred times.
    fn given_percent(&self, argument: &str) -> u64 {
        match argument {
            "limit_price" => 15,
            "order_id" => 90,
            _ => 50,
        }
    }

    fn number(&mut self, argument: &str) -> i128 {
        let Focus {
            perp,
            spot,
            other_spot,
            ..
        } = *self.focus;
        let market = |dice: &mut Dice, index: u16| match dice.happens(2) {
            true => 9,
            false => index.into(),
        };
        match argument {
            "market_index" if self.is_about_spot() => market(self.dice, spot),
            "market_index" | "perp_market_index" => market(self.dice, perp),
            "quote_spot_market_index" => market(self.dice, 0),
            "spot_market_index" if self.name == "resolve_perp_pnl_deficit" => market(self.dice, 0),
            "spot_market_index" | "asset_market_index" => market(self.dice, spot),
            "liability_market_index" => market(self.dice, other_spot),
            "sub_account_id" => self.dice.pick(&[0, 0, 1]),
            "order_id" => self.order_id().into(),
            "user_order_id" => self.dice.below(3).into(),
            "expiry_ts" => {
                let soon = self.dice.pick(&[-10, 0, 1, 30, 600, 3_600, 1_000_000]);
                i128::from(self.ledger.clock().unix_timestamp) + soon
            }
            "status" => self.status(),
            "exchange_status" | "paused_operations" => match self.dice.happens(70) {
                true => 0,
                false => 1 << self.dice.below(8),
            },
            "market_type" | "direction" => self.dice.below(2).into(),
            "reduce_only" => self.dice.happens(20).into(),
            "limit_price" => self.price() * self.dice.between(700, 1_300) / 1_000,
            "amount" | "n_shares" | "shares_to_burn" => {
                let whole = self.whole();
                self.dice.part_of(whole)
            }
            "liquidator_max_base_asset_amount" => match self.dice.happens(50) {
                true => -1,
                false => self.dice.part_of(self.held_base()),
            },
            "liquidator_max_liability_transfer" | "liquidator_max_pnl_transfer" => {
                match self.dice.happens(60) {
                    true => -1,
                    false => self.dice.part_of(10_000_000_000),
                }
            }
            "sqrt_k"
            | "new_peg_candidate"
            | "peg_multiplier"
            | "base_asset_reserve"
            | "quote_asset_reserve" => self.curve(argument),
            other => setting(self.dice, other),
        }
    }

    /// Whether the market that the instruction names is a spot market.
    fn is_about_spot(&self) -> bool {
        let spot = ["deposit", "withdraw", "resolve_spot_bankruptcy"];
        spot.contains(&self.name) || self.name.contains("insurance_fund")
    }

    /// Mostly a status in which something can be done; `unpause` brings markets back from the others.
    fn status(&mut self) -> i128 {
        let often = [
            MarketStatus::Active,
            MarketStatus::Active,
            MarketStatus::ReduceOnly,
        ];
        match self.dice.happens(85) {
            true => self.dice.pick(&often).number().into(),
            false => self.dice.below(MarketStatus::NAMES.len() as u64 + 1).into(),
        }
    }

    fn perp(&self) -> Option<&PerpMarket> {
        PerpMarket::peek(self.ledger.account(&pda::perp_market(self.focus.perp))?)
    }

    fn spot(&self) -> Option<&SpotMarket> {
        SpotMarket::peek(self.ledger.account(&pda::spot_market(self.focus.spot))?)
    }

    /// The market's last price (1e6).
    fn price(&self) -> i128 {
        let price = self
            .perp()
            .map(|market| market.amm.historical_oracle_data.last_oracle_price);
        price.unwrap_or_default().into()
    }

    /// The user's base in the market (1e9).
    fn held_base(&self) -> u128 {
        let user = user(self.ledger, self.focus.user);
        let held = user.and_then(|user| user.perp(self.focus.perp).ok());
        held.map_or(0, |held| held.base_asset_amount.unsigned_abs().into())
    }

    fn tokens(&self, key: &drift::accounts::Pubkey) -> u128 {
        match self.ledger.account(key) {
            Some(Account::Token(token)) => token.amount.into(),
            _ => 0,
        }
    }

    /// All that an amount could be of.
    fn whole(&mut self) -> u128 {
        let Focus {
            user: number,
            perp,
            spot,
            ..
        } = *self.focus;
        let user = user(self.ledger, number);
        match self.name {
            "deposit" => {
                let wallet = self.tokens(&Role::Wallet(number, spot).address());
                // All of it is more than markets hold.
                wallet / self.dice.pick(&[1, 100, 1_000])
            }
            "withdraw" => {
                let held =
                    user.and_then(|user| user.spot_positions.iter().find(|held| held.market_index == spot));
                let deposited = held
                    .filter(|held| !held.is_borrow())
                    .zip(self.spot())
                    .and_then(|(held, market)| held.tokens(market).ok());
                match deposited {
                    Some(deposited) if deposited > 0 => deposited,
                    _ => self.tokens(&pda::spot_vault(spot)) / self.dice.pick(&[1, 4, 50, 1_000]),
                }
            }
            "request_remove_insurance_fund_stake" => {
                let key = pda::insurance_stake(&user_keys(number).authority, spot);
                let stake = self.ledger.account(&key).and_then(InsuranceFundStake::peek);
                let shares = stake.map_or(0, |stake| stake.if_shares);
                let total = self.spot().map_or(0, |market| market.insurance_fund.total_shares);
                let fund = self.tokens(&pda::insurance_vault(spot));
                shares.saturating_mul(fund).checked_div(total).unwrap_or(0)
            }
            "add_perp_lp_shares" => self.perp().map_or(0, |market| { market.amm.sqrt_k } / 50),
            "remove_perp_lp_shares" | "remove_perp_lp_shares_in_expiring_market" => {
                let held = user.and_then(|user| user.perp(perp).ok());
                held.map_or(0, |held| held.lp_shares.into())
            }
            // Stakes and gifts.
            _ => self.dice.pick(&[1_000_000, 1_000_000_000, 100_000_000_000]),
        }
    }

    fn order_id(&mut self) -> u32 {
        let orders = user(self.ledger, self.focus.user).map(|user| user.orders);
        let open: Vec<u32> = orders
            .iter()
            .flatten()
            .filter(|order| order.order_id > 0)
            .map(|order| order.order_id)
            .collect();
        match open.is_empty() || self.dice.happens(15) {
            true => self.dice.below(40) as u32,
            false => self.dice.pick(&open),
        }
    }

    /// Curves not far from the present one.
    fn curve(&mut self, argument: &str) -> i128 {
        let Some(amm) = self.perp().map(|market| market.amm) else {
            return 1;
        };
        let near = |dice: &mut Dice, value: u128, thousandths: i128| {
            let value = i128::try_from(value).unwrap_or(i128::MAX / 2_000);
            value.saturating_mul(1_000 + dice.between(-thousandths, thousandths)) / 1_000
        };
        match (self.name, argument) {
            ("move_amm_price", "base_asset_reserve") => {
                let base = near(self.dice, amm.base_asset_reserve, 50);
                self.base_reserve = base.max(1) as u128;
                base
            }
            // The constant product, at times missed by a little.
            ("move_amm_price", "quote_asset_reserve") => {
                let product = { amm.sqrt_k }.checked_mul(amm.sqrt_k).unwrap_or(0);
                let quote = product / self.base_reserve.max(1);
                let missed = self.dice.pick(&[0, 0, 0, 1, 1_000_000_000]);
                i128::try_from(quote).unwrap_or(i128::MAX / 2) + missed
            }
            ("move_amm_price", _) => amm.sqrt_k as i128,
            (_, "sqrt_k") => near(self.dice, amm.sqrt_k, 60),
            _ => {
                let toward = self.price().max(1) as u128;
                let from = self.dice.pick(&[amm.peg_multiplier, toward]);
                near(self.dice, from, 20)
            }
        }
    }
}

/// Bytes of a number, flag or variant on the wire; none for a type that is not one.
fn width(kind: &str) -> Option<usize> {
    match kind {
        "u8" | "i8" | "bool" | "MarketStatus" | "MarketType" | "PositionDirection" | "ContractTier" => {
            Some(1)
        }
        "u16" | "i16" => Some(2),
        "u32" | "i32" => Some(4),
        "u64" | "i64" => Some(8),
        "u128" => Some(16),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_argument_can_be_written() {
        let structures = [
            "OrderParams",
            "Vec<OrderParams>",
            "OracleGuardRails",
            "Box<FeeStructure>",
        ];
        let lists = ["[u8; 32]", "[u16; 5]", "Vec<u32>"];
        for (name, arguments) in Instruction::NAMES.iter().zip(Instruction::ARGUMENTS) {
            for (argument, kind) in arguments.iter().filter(|_| GENERATED.contains(name)) {
                let one = kind
                    .strip_prefix("Option<")
                    .map_or(*kind, |kind| kind.trim_end_matches('>'));
                let known = width(one).is_some() || structures.contains(&one) || lists.contains(&one);
                assert!(known, "{name}: {argument} is of type {kind}");
            }
        }
    }
}
