//! What groups of agents have in common.

/// `group! { /// What they do. Name { /// What it says. field: Type = usual, ... } }`: a group's parameters with their usual
/// values, and with whose accounts they act on, which every such group says.
macro_rules! group {
    ($(#[$note:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $kind:ty = $usual:expr,)* }) => {
        $(#[$note])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// How many users.
            pub users: u32,
            /// A group whose users these are, in place of new ones.
            pub users_of: Option<String>,
            $( $(#[$about])* pub $field: $kind, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { users: 1, users_of: None, $( $field: $usual, )* }
            }
        }
    };
}

pub(super) use group;
