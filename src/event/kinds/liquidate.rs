use crate::event::parameters::parameters;

parameters! {
    /// A liquidator looks through all accounts and takes over what may be liquidated.
    "liquidate" => Liquidate {
        /// The liquidator.
        user_index: u32,
    }
}
