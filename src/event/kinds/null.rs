use crate::event::parameters::parameters;

parameters! {
    /// Nothing happens.
    "null" => Null {}
}
