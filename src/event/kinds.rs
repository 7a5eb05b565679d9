//! The table of all kinds of event. A new one is a file in `kinds/` and a line here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{FieldError, Fields};
use super::parameters::Parameters;

/// `file => Variant`; the file holds a struct of the variant's name.
macro_rules! kinds {
    ($($file:ident => $kind:ident),* $(,)?) => {
        $( mod $file; pub use $file::$kind; )*

        /// Runs one expression on the parameters of whatever kind it is.
        macro_rules! with_kind {
            ($value:expr, $name:ident => $body:expr) => {
                match $value { $( $crate::event::Kind::$kind($name) => $body, )* }
            };
        }

        /// What happens, with its parameters.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $( #[doc = concat!("See [`", stringify!($kind), "`](struct@", stringify!($kind), ").")] $kind($kind), )*
        }

        $( impl From<$kind> for Kind {
            fn from(parameters: $kind) -> Self {
                Self::$kind(parameters)
            }
        } )*

        impl Kind {
            /// The names of all kinds, in the order of the table.
            pub const NAMES: &'static [&'static str] = &[$( <$kind as Parameters>::NAME ),*];

            /// The name in a file.
            pub fn name(&self) -> &'static str {
                with_kind!(self, parameters => name_of(parameters))
            }

            /// The kind's place in [`Kind::NAMES`].
            pub fn ordinal(&self) -> usize {
                #[derive(Clone, Copy)]
                enum Place { $( $kind ),* }
                (match self { $( Self::$kind(_) => Place::$kind ),* }) as usize
            }

            /// Whose account it acts for, where it acts for one.
            pub fn user(&self) -> Option<u32> {
                with_kind!(self, parameters => parameters.user())
            }

            /// The kind that `name`, or an older name, stands for, from its parameters. `None` where there is no such name.
            pub(super) fn read(
                name: &str,
                json: serde_json::Map<String, Value>,
            ) -> Option<Result<(Self, Fields), FieldError>> {
                $( if <$kind as Parameters>::NAME == name || <$kind as Parameters>::OLDER_NAMES.contains(&name) {
                    let mut fields = Fields::new(<$kind as Parameters>::NAME, json);
                    return Some(<$kind as Parameters>::read(&mut fields).map(|read| (Self::$kind(read), fields)));
                } )*
                None
            }

            /// The parameters as JSON.
            pub(super) fn write(&self) -> BTreeMap<&'static str, Value> {
                with_kind!(self, parameters => parameters.write())
            }
        }
    };
}

fn name_of<P: Parameters>(_: &P) -> &'static str {
    P::NAME
}

kinds! {
    null => Null,
    deposit_collateral => DepositCollateral,
    mid_sim_deposit => MidSimDeposit,
    withdraw_collateral => WithdrawCollateral,
    perp_oracle_price => PerpOraclePrice,
    spot_oracle_price => SpotOraclePrice,
    add_liquidity => AddLiquidity,
    remove_liquidity => RemoveLiquidity,
    expel_liquidity => ExpelLiquidity,
    open_position => OpenPosition,
    close_position => ClosePosition,
    cancel_orders => CancelOrders,
    settle_pnl => SettlePnl,
    settle_lp => SettleLp,
    settle_funding_payment => SettleFundingPayment,
    liquidate => Liquidate,
    init_if_stake => InitIfStake,
    add_if_stake => AddIfStake,
    remove_if_stake => RemoveIfStake,
    settle_revenue => SettleRevenue,
    resolve_perp_pnl_deficit => ResolvePerpPnlDeficit,
    fund_fee_pool => FundFeePool,
    fund_revenue_pool => FundRevenuePool,
    update_funding_rate => UpdateFundingRate,
    update_k => UpdateK,
    repeg => Repeg,
    update_perp_market => UpdatePerpMarket,
    update_spot_market => UpdateSpotMarket,
    update_guard_rails => UpdateGuardRails,
    update_exchange => UpdateExchange,
    expire_market => ExpireMarket,
    settle_expired_market => SettleExpiredMarket,
    close_expired_market => CloseExpiredMarket,
}
