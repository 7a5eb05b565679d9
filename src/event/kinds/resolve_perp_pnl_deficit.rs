use crate::event::parameters::parameters;

parameters! {
    /// A keeper has the insurance fund pay into a perp market's pool of profits what the pool lacks.
    "resolve_perp_pnl_deficit" => ResolvePerpPnlDeficit {
        /// The perp market.
        market_index: u16,
    }
}
