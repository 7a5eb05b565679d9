//! What a column holds.

/// What the cells of a column are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// Integers.
    Integer,
    /// Floating-point numbers.
    Float,
    /// Texts.
    Text,
    /// Something else, named for messages.
    Other(String),
}

impl Kind {
    /// Whether values of the kind have a mean; that of yes and no is the share of yes.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Bool | Self::Integer | Self::Float)
    }

    /// The kind in words.
    pub fn name(&self) -> &str {
        match self {
            Self::Bool => "yes or no",
            Self::Integer => "integers",
            Self::Float => "numbers",
            Self::Text => "texts",
            Self::Other(name) => name,
        }
    }
}
