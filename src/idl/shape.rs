//! What an interface is made of, in whichever form it was written.

use drift::accounts::Pubkey;

/// A type as an interface writes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Bool,
    /// Bytes of an unsigned integer.
    Unsigned(usize),
    /// Bytes of a signed integer.
    Signed(usize),
    /// Bytes of a floating-point number.
    Float(usize),
    Key,
    Text,
    Option(Box<Type>),
    /// As C has it: four bytes that say whether there is a value, then room for it in either case.
    COption(Box<Type>),
    List(Box<Type>),
    Array(Box<Type>, Length),
    Named(String, Vec<Argument>),
    /// A parameter of the definition that this stands in.
    Parameter(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Length {
    Fixed(usize),
    /// A parameter of the definition that this stands in.
    Parameter(String),
}

/// What a parameter of a definition stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    Type(Type),
    /// A constant as the source writes it.
    Constant(String),
}

/// A field or argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// In this crate's spelling; the place, where it has no name.
    pub name: String,
    pub kind: Type,
    /// What the interface says of it.
    pub docs: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Struct(Vec<Field>),
    /// Variants with their fields.
    Enum(Vec<(String, Vec<Field>)>),
    /// Another name for a type.
    Alias(Type),
}

/// How bytes and values belong together.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Serialization {
    Borsh,
    /// In C layout, as it lies in memory.
    Mapped,
    /// Its own, of which the interface has no more than the name.
    Custom(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    pub shape: Shape,
    /// Names of its parameters.
    pub parameters: Vec<String>,
    /// `None` where the interface does not say.
    pub serialization: Option<Serialization>,
    /// In memory without room between its fields.
    pub packed: bool,
    /// The least alignment in memory, in bytes.
    pub align: usize,
}

/// An account that an instruction names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Role {
    pub name: String,
    pub signer: bool,
    pub writable: bool,
    /// The program's own address stands for it where it is left out.
    pub optional: bool,
    /// Where it always is.
    pub address: Option<Pubkey>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Instruction {
    pub name: String,
    pub discriminator: Vec<u8>,
    pub arguments: Vec<Field>,
    pub accounts: Vec<Role>,
}

/// An account type or an event, which its first bytes tell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tagged {
    pub name: String,
    pub discriminator: Vec<u8>,
    /// The name of its definition.
    pub kind: String,
}

/// The one of `tagged` that `data` begins as, and what follows. Discriminators may differ in length: the longest holds.
pub(super) fn recognise<'a, 'd>(tagged: &'a [Tagged], data: &'d [u8]) -> Option<(&'a Tagged, &'d [u8])> {
    let fitting = tagged
        .iter()
        .filter_map(|one| Some((one, data.strip_prefix(&one.discriminator[..])?)));
    fitting.min_by_key(|(_, rest)| rest.len())
}
