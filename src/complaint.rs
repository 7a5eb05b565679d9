//! What is wrong with a value that was read, for whoever knows where it is written.

/// Something a scenario finds wrong with itself, such as a spread below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The value's dotted path in the scenario.
    pub path: String,
    /// What is wrong, naming the value.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}
