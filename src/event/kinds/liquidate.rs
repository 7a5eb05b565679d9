use crate::event::parameters::parameters;

parameters! {
    /// A liquidator looks through all accounts, or one, and takes over what may be liquidated: debts against deposits, then
    /// perpetual positions, debts against profits, losses against deposits; then bankruptcies are resolved, and the liquidator
    /// rids himself of the positions he has.
    "liquidate" => Liquidate {
        /// The liquidator.
        user_index: u32,
        /// The only user to look at; all where not given.
        target: Option<u32> = None,
        /// What he takes over with one instruction is worth this at most (1e6), at the oracle's price; all he may where not given.
        max_quote: Option<u64> = None,
        /// Whether he keeps the positions he has.
        keep: Option<bool> = None,
    }
}
