//! Instructions by which the administrator changes settings.

mod perp;
mod spot;
mod state;

pub(super) use perp::*;
pub(super) use spot::*;
pub(super) use state::*;

/// All of them name their accounts alike: who administers, the exchange's state, and the market where there is one.
const ADMIN: usize = 0;
const STATE: usize = 1;
const MARKET: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::accounts::Pubkey;
    use crate::drift::instruction::*;

    #[test]
    fn the_table_names_the_accounts_in_this_order() {
        let perp = UpdatePerpMarketMarginRatioAccounts::<usize>::positions();
        assert_eq!((perp.admin, perp.state, perp.perp_market), (ADMIN, STATE, MARKET));
        let spot = UpdateWithdrawGuardThresholdAccounts::<usize>::positions();
        assert_eq!((spot.admin, spot.state, spot.spot_market), (ADMIN, STATE, MARKET));
        let state = UpdateOracleGuardRailsAccounts::<usize>::positions();
        assert_eq!((state.admin, state.state), (ADMIN, STATE));
        let key = Pubkey::default();
        let tier = UpdatePerpMarketContractTierAccounts {
            admin: key,
            state: key,
            perp_market: key,
        }
        .metas();
        assert_eq!(
            tier.iter().map(|meta| meta.writable).collect::<Vec<_>>(),
            [false, false, true]
        );
    }
}
