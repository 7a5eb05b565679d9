//! The table of all kinds of event. A new one is a file in `kinds/` and a line here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{FieldError, Fields};
use super::parameters::Parameters;

/// `file => Variant: runs` or `file => Variant: later`; the file holds a struct of the variant's name. `later` marks events
/// that are read and written but that nothing here can execute yet.
macro_rules! kinds {
    ($($file:ident => $kind:ident: $when:ident),* $(,)?) => {
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

            /// Whether the kinds of [`Kind::NAMES`] can be executed, in the same order.
            pub const RUNS: &'static [bool] = &[$( kinds!(@$when) ),*];

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

            /// Whether it can be executed. If not, it can only be read and written, and a run refuses it by its name.
            pub fn runs(&self) -> bool {
                Self::RUNS[self.ordinal()]
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
    (@runs) => { true };
    (@later) => { false };
}

fn name_of<P: Parameters>(_: &P) -> &'static str {
    P::NAME
}

kinds! {
    null => Null: runs,
    deposit_collateral => DepositCollateral: runs,
    mid_sim_deposit => MidSimDeposit: runs,
    withdraw_collateral => WithdrawCollateral: runs,
    perp_oracle_price => PerpOraclePrice: runs,
    spot_oracle_price => SpotOraclePrice: runs,
    add_liquidity => AddLiquidity: runs,
    remove_liquidity => RemoveLiquidity: runs,
    open_position => OpenPosition: runs,
    close_position => ClosePosition: runs,
    settle_pnl => SettlePnl: runs,
    settle_lp => SettleLp: runs,
    update_k => UpdateK: runs,
    repeg => Repeg: runs,
    init_if_stake => InitIfStake: later,
    add_if_stake => AddIfStake: later,
    remove_if_stake => RemoveIfStake: later,
    liquidate => Liquidate: later,
}
