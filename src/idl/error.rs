use std::path::PathBuf;

/// Why an interface cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdlError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds no interface.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<IdlError>,
    },
    /// The text is no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A part is missing or of another form.
    #[error("no Anchor interface: {0}")]
    Form(String),
    /// The program has no such instruction.
    #[error("the interface has no instruction `{name}`; the nearest is `{nearest}`")]
    NoInstruction {
        /// Which.
        name: String,
        /// The one most like it.
        nearest: String,
    },
    /// An account that the instruction needs is not given.
    #[error("`{instruction}` needs the account `{account}`, which is not given")]
    NoAccount {
        /// The instruction.
        instruction: String,
        /// The account.
        account: String,
    },
    /// A type is used and not defined.
    #[error("the interface does not define the type `{0}`")]
    NoType(String),
    /// A type is used with more or fewer arguments than it has parameters.
    #[error("`{name}` has {takes} parameter{}, and is used with {given}", if *takes == 1 { "" } else { "s" })]
    Arguments {
        /// The type.
        name: String,
        /// Its parameters.
        takes: usize,
        /// The arguments given.
        given: usize,
    },
    /// A type that is laid out in a way of its own.
    #[error(
        "the interface does not say how `{kind}` is laid out, only that it is serialized by `{serialization}`"
    )]
    Layout {
        /// The type.
        kind: String,
        /// What serializes it.
        serialization: String,
    },
    /// Types within each other without end.
    #[error("`{0}` stands too deep within other types: does one contain itself?")]
    Deep(String),
    /// A value that does not fit its type.
    #[error("`{place}`: {value} is no {wanted}")]
    Value {
        /// The argument, with the path into it.
        place: String,
        /// What was given.
        value: String,
        /// What is wanted.
        wanted: String,
    },
    /// Bytes that are no account of the program.
    #[error("no account of this interface: its discriminator is not known")]
    NotAnAccount,
    /// Bytes that are no event of the program.
    #[error("no event of this interface: its discriminator is not known")]
    NotAnEvent,
    /// An account or event that ends early.
    #[error("{kind} ends within `{field}`")]
    Short {
        /// Its type.
        kind: String,
        /// Where.
        field: String,
    },
}
