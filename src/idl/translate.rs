//! This crate's calls on a program with another interface, and that program's accounts in this crate's types.
//!
//! Arguments go by name: those the other interface lacks are dropped, those it has besides take their defaults. What an
//! older interface sets by an instruction of its own, where 2.83 takes an argument, follows as that instruction:
//! see [`FOLLOW_UPS`].

use super::{Idl, IdlError};
use drift::accounts::layout::Value;
use drift::accounts::{Account, Pubkey};
use drift::instruction::{AccountMeta, Call};
use drift::key::{DRIFT, pda};
use drift::units;
use serde_json::{Map, json};
use std::collections::HashMap;
use std::sync::Arc;

/// An instruction as the other program takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Its name.
    pub name: String,
    /// Discriminator and arguments.
    pub data: Vec<u8>,
    /// The accounts of the interface in its order, then the remaining ones.
    pub accounts: Vec<AccountMeta>,
}

/// An instruction that sets what another one takes as an argument.
struct FollowUp {
    of: &'static str,
    /// Sent where this argument is not taken.
    instead_of: &'static str,
    send: &'static str,
    /// Its arguments, each by its own name and by that of the other one's, or of those that [`add_older_names`] adds.
    arguments: &'static [(&'static str, &'static str)],
}

macro_rules! follow_ups {
    ($($of:ident: $instead_of:ident => $send:ident($($theirs:ident = $ours:ident),*);)*) => {
        /// In this order: the larger spread first, since no spread may exceed it.
        const FOLLOW_UPS: &[FollowUp] = &[$(FollowUp {
            of: stringify!($of),
            instead_of: stringify!($instead_of),
            send: stringify!($send),
            arguments: &[$((stringify!($theirs), stringify!($ours))),*],
        }),*];
    };
}

follow_ups! {
    initialize_perp_market: contract_tier => update_perp_market_contract_tier(contract_tier = contract_tier);
    initialize_perp_market: if_liquidation_fee => update_perp_market_liquidation_fee(
        liquidator_fee = liquidator_fee, if_liquidation_fee = if_liquidation_fee);
    initialize_perp_market: imf_factor => update_perp_market_imf_factor(imf_factor = imf_factor);
    initialize_perp_market: max_spread => update_perp_market_max_spread(max_spread = max_spread);
    initialize_perp_market: base_spread => update_perp_market_base_spread(base_spread = base_spread);
    initialize_perp_market: max_open_interest => update_perp_market_max_open_interest(
        max_open_interest = max_open_interest);
    initialize_perp_market: order_step_size => update_perp_market_step_size_and_tick_size(
        step_size = order_step_size, tick_size = order_tick_size);
    initialize_perp_market: min_order_size => update_perp_market_min_order_size(order_size = min_order_size);
    initialize_perp_market: concentration_coef_scale => update_perp_market_concentration_coef(
        concentration_scale = concentration_coef_scale);
    initialize_perp_market: curve_update_intensity => update_perp_market_curve_update_intensity(
        curve_update_intensity = curve_update_intensity);
    initialize_perp_market: amm_jit_intensity => update_amm_jit_intensity(amm_jit_intensity = amm_jit_intensity);
    initialize_perp_market: contract_tier => update_perp_market_unrealized_asset_weight(
        unrealized_initial_asset_weight = unrealized_initial_asset_weight,
        unrealized_maintenance_asset_weight = unrealized_maintenance_asset_weight);
    initialize_spot_market: if_liquidation_fee => update_spot_market_liquidation_fee(
        liquidator_fee = liquidator_fee, if_liquidation_fee = if_liquidation_fee);
    initialize_spot_market: asset_tier => update_spot_market_asset_tier(asset_tier = asset_tier);
    initialize_spot_market: withdraw_guard_threshold => update_withdraw_guard_threshold(
        withdraw_guard_threshold = withdraw_guard_threshold);
    initialize_spot_market: order_step_size => update_spot_market_step_size_and_tick_size(
        step_size = order_step_size, tick_size = order_tick_size);
    initialize_spot_market: order_step_size => update_spot_market_min_order_size(order_size = order_step_size);
    initialize_spot_market: if_total_factor => update_spot_market_if_factor(
        spot_market_index = spot_market_index, user_if_factor = if_user_factor, total_if_factor = if_total_factor);
}

/// Spot markets among which one is looked for by its address.
const MARKETS: u16 = 64;
/// One, as 2.83 counts percentages.
const WHOLE: u64 = 1_000_000;

/// Speaks a program's own interface.
#[derive(Clone, Debug)]
pub struct Translator {
    idl: Arc<Idl>,
}

impl Translator {
    /// For a program with this interface.
    pub fn new(idl: Idl) -> Self {
        Self { idl: Arc::new(idl) }
    }

    /// The interface.
    pub fn idl(&self) -> &Arc<Idl> {
        &self.idl
    }

    /// `call` as the program takes it: the instruction, and those that set what it does not take.
    ///
    /// # Errors
    /// An instruction, account or variant that the interface does not have.
    pub fn translate(&self, call: &Call) -> Result<Vec<Wire>, IdlError> {
        let name = call.instruction.name();
        let roles = call.instruction.roles();
        let named: Vec<(&str, Pubkey)> = roles
            .iter()
            .zip(&call.accounts)
            .map(|((name, _, _), meta)| (*name, meta.key))
            .collect();
        let mut arguments = call.instruction.arguments();
        if let Some(given) = arguments.as_object_mut() {
            add_older_names(given, &named);
        }
        let encoded = self.idl.encode(name, &arguments)?;
        let mut accounts = self.idl.metas(name, &named)?;
        accounts.extend(call.accounts.iter().skip(roles.len()));
        let mut wires = vec![Wire {
            name: name.to_owned(),
            data: encoded.data,
            accounts,
        }];
        for follow_up in FOLLOW_UPS.iter().filter(|follow_up| follow_up.of == name) {
            let needed = encoded
                .dropped
                .iter()
                .any(|dropped| dropped == follow_up.instead_of);
            if needed && self.idl.has(follow_up.send) {
                let given = follow_up
                    .arguments
                    .iter()
                    .map(|(theirs, ours)| ((*theirs).to_owned(), arguments[*ours].clone()));
                let given = serde_json::Value::Object(given.collect());
                wires.push(Wire {
                    name: follow_up.send.to_owned(),
                    data: self.idl.encode(follow_up.send, &given)?.data,
                    accounts: self.idl.metas(follow_up.send, &named)?,
                });
            }
        }
        Ok(wires)
    }

    /// What this crate has no way to tell the program: the arguments of `call` that are neither taken nor set by an
    /// instruction that follows.
    ///
    /// # Errors
    /// As [`translate`](Self::translate).
    pub fn untold(&self, call: &Call) -> Result<Vec<String>, IdlError> {
        let name = call.instruction.name();
        let mut dropped = self.idl.encode(name, &call.instruction.arguments())?.dropped;
        let later = |argument: &String| {
            FOLLOW_UPS.iter().any(|follow_up| {
                let sets = follow_up.arguments.iter().any(|(_, ours)| ours == argument);
                follow_up.of == name && sets && self.idl.has(follow_up.send)
            })
        };
        dropped.retain(|argument| !later(argument) && !argument.starts_with("oracle_guard_rails."));
        Ok(dropped)
    }

    /// The program's account in this crate's types: every field of the same name, zero where there is none.
    pub fn account(&self, owner: Pubkey, data: &[u8]) -> Account {
        let decoded = (owner == DRIFT).then(|| self.idl.decode(data).ok()).flatten();
        let account = decoded.and_then(|(kind, fields)| {
            let mut fields: HashMap<String, Value> = fields.into_iter().collect();
            add_newer_fields(&kind, &mut fields);
            Account::filled(&kind, &mut |path| fields.remove(path))
        });
        account.unwrap_or_else(|| Account::decode(owner, data))
    }
}

/// Adds what older interfaces call otherwise, or what 2.83 sets by itself where they have other values: guard rails as
/// fractions, weights of unrealized profit, the users' share of the insurance factor, and the index of a spot market that
/// is being made.
fn add_older_names(given: &mut Map<String, serde_json::Value>, accounts: &[(&str, Pubkey)]) {
    let rails = given
        .get_mut("oracle_guard_rails")
        .and_then(|rails| rails.get_mut("price_divergence"));
    if let Some(divergence) = rails.and_then(serde_json::Value::as_object_mut)
        && let Some(percent) = divergence.get("mark_oracle_percent_divergence").cloned()
    {
        divergence.insert("mark_oracle_divergence_numerator".to_owned(), percent);
        divergence.insert("mark_oracle_divergence_denominator".to_owned(), json!(WHOLE));
    }
    if given.contains_key("contract_tier") {
        given.insert("unrealized_initial_asset_weight".to_owned(), json!(0));
        given.insert(
            "unrealized_maintenance_asset_weight".to_owned(),
            json!(units::MARGIN),
        );
    }
    if let Some(total) = given.get("if_total_factor").and_then(serde_json::Value::as_u64) {
        given.insert("if_user_factor".to_owned(), json!(total / 2));
        let market = accounts.iter().find(|(name, _)| *name == "spot_market");
        let index =
            (0..MARKETS).find(|index| market.is_some_and(|(_, key)| *key == pda::spot_market(*index)));
        given.insert("spot_market_index".to_owned(), json!(index.unwrap_or_default()));
    }
}

/// Adds what this crate calls otherwise than older interfaces.
fn add_newer_fields(kind: &str, fields: &mut HashMap<String, Value>) {
    let rails = "oracle_guard_rails.price_divergence";
    let number = |name: &str| match fields.get(&format!("{rails}.{name}")) {
        Some(Value::Uint(number)) => Some(*number),
        _ => None,
    };
    let fraction =
        number("mark_oracle_divergence_numerator").zip(number("mark_oracle_divergence_denominator"));
    if let Some((numerator, denominator)) = fraction {
        let percent = numerator.saturating_mul(WHOLE.into()).checked_div(denominator);
        let path = format!("{rails}.mark_oracle_percent_divergence");
        fields
            .entry(path)
            .or_insert(Value::Uint(percent.unwrap_or(u64::MAX.into())));
    }
    // One variant of three, where 2.83 has a bit each.
    if kind == "User"
        && let Some(Value::Name(status)) = fields.get("status")
    {
        let bits = match &**status {
            "BeingLiquidated" => 1,
            "Bankrupt" => 2,
            _ => 0,
        };
        fields.insert("status".to_owned(), Value::Uint(bits));
    }
}
