use crate::event::parameters::parameters;

parameters! {
    /// A user cancels all resting orders.
    "cancel_orders" => CancelOrders {
        /// Whose orders.
        user_index: u32,
    }
}
