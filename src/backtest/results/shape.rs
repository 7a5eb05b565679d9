//! The columns of an account type's table, found out from the account itself.

use drift::accounts::Account;
use drift::accounts::layout::{Describe, Value};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Flag,
    /// Up to 64 bits.
    Int,
    /// Up to 64 bits.
    Uint,
    /// 128 bits.
    Wide,
    Text,
}

/// A field with a column of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Its path, without the place in a list: `amm.sqrt_k`, or `price` in `orders`.
    pub name: String,
    /// The path of one such field, for its unit.
    pub path: String,
    pub cell: Cell,
}

/// Entries of one kind, such as a user's orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    pub name: String,
    pub fields: Vec<Leaf>,
    /// Where its entries begin among the account's values, and how many there are.
    pub start: usize,
    pub entries: usize,
}

/// The columns of a type: fields, and lists of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Each with its place among the account's values.
    pub fields: Vec<(usize, Leaf)>,
    pub lists: Vec<List>,
    /// The values of an account of zeros: entries that equal it are in no use.
    pub unused: Vec<Value>,
}

impl Shape {
    /// The shape of accounts like `sample`.
    pub(super) fn of(sample: &Account) -> Self {
        // An integer that is all of it 0x7f says by its size how wide the field is.
        let values = filled(sample, 0x7f);
        let mut shape = Self {
            unused: filled(sample, 0).into_iter().map(|(_, value)| value).collect(),
            ..Self::default()
        };
        for (place, (path, value)) in values.into_iter().enumerate() {
            let cell = cell(&value);
            match split(&path) {
                None => {
                    let leaf = Leaf {
                        name: path.clone(),
                        path,
                        cell,
                    };
                    shape.fields.push((place, leaf));
                }
                Some((list, entry, field)) => {
                    let leaf = Leaf {
                        name: field.to_owned(),
                        path: path.clone(),
                        cell,
                    };
                    shape.entry(list, entry, leaf, place);
                }
            }
        }
        shape
    }

    fn entry(&mut self, list: &str, entry: usize, leaf: Leaf, place: usize) {
        let known = self.lists.iter().position(|known| known.name == list);
        let known = known.unwrap_or_else(|| {
            self.lists.push(List {
                name: list.to_owned(),
                fields: Vec::new(),
                start: place,
                entries: 0,
            });
            self.lists.len() - 1
        });
        let list = &mut self.lists[known];
        list.entries = entry + 1;
        if entry == 0 {
            list.fields.push(leaf);
        }
    }
}

/// The fields of an account of `sample`'s type whose every byte is `byte`.
fn filled(sample: &Account, byte: u8) -> Vec<(String, Value)> {
    let mut data = sample.encode();
    // Accounts of the program begin with the type's tag.
    let tag = match sample {
        Account::Token(_) | Account::Mint(_) | Account::Oracle(..) | Account::Other { .. } => 0,
        _ => 8.min(data.len()),
    };
    data[tag..].fill(byte);
    let mut fields = Vec::new();
    Account::decode(sample.owner(), &data).describe(&mut String::new(), &mut |path, value| {
        fields.push((path.to_owned(), value));
    });
    fields
}

fn cell(widest: &Value) -> Cell {
    match widest {
        Value::Flag(_) => Cell::Flag,
        Value::Int(value) if i64::try_from(*value).is_ok() => Cell::Int,
        Value::Uint(value) if u64::try_from(*value).is_ok() => Cell::Uint,
        Value::Int(_) | Value::Uint(_) => Cell::Wide,
        Value::Key(_) | Value::Name(_) | Value::Bytes(_) => Cell::Text,
    }
}

/// `perp_positions.3.lp_shares` as list, place and field; none for a path without a place.
fn split(path: &str) -> Option<(&str, usize, &str)> {
    let mut start = 0;
    for part in path.split('.') {
        if let Ok(place) = part.parse() {
            let rest = path[start + part.len()..].trim_start_matches('.');
            return Some((path[..start].trim_end_matches('.'), place, rest));
        }
        start += part.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::accounts::User;

    #[test]
    fn widths_are_the_layouts() {
        let market = Shape::of(&Account::PerpMarket(Box::default()));
        let cell = |name: &str| {
            market
                .fields
                .iter()
                .find(|(_, leaf)| leaf.name == name)
                .map(|(_, leaf)| leaf.cell)
        };
        assert_eq!(cell("amm.sqrt_k"), Some(Cell::Wide));
        assert_eq!(cell("amm.base_asset_amount_with_amm"), Some(Cell::Wide));
        assert_eq!(cell("amm.last_mark_price_twap"), Some(Cell::Uint));
        assert_eq!(cell("amm.last_funding_rate"), Some(Cell::Int));
        assert_eq!(cell("amm.base_spread"), Some(Cell::Uint));
        assert_eq!(cell("amm.last_oracle_valid"), Some(Cell::Flag));
        assert_eq!(cell("amm.oracle"), Some(Cell::Text));
    }

    #[test]
    fn entries_are_lists() {
        let user = Shape::of(&Account::User(Box::<User>::default()));
        let lists: Vec<_> = user
            .lists
            .iter()
            .map(|list| (list.name.as_str(), list.entries))
            .collect();
        // As the IDL has them.
        assert_eq!(
            lists,
            [("spot_positions", 8), ("perp_positions", 8), ("orders", 32)]
        );
        let shares = user.lists[1].fields.iter().find(|leaf| leaf.name == "lp_shares");
        assert_eq!(shares.map(|leaf| leaf.cell), Some(Cell::Uint));
        let values = user.fields.len()
            + user
                .lists
                .iter()
                .map(|list| list.entries * list.fields.len())
                .sum::<usize>();
        assert_eq!(values, user.unused.len());
    }

    #[test]
    fn paths_split_at_the_first_place() {
        assert_eq!(split("orders.31.price"), Some(("orders", 31, "price")));
        assert_eq!(split("a.b.0.c.d"), Some(("a.b", 0, "c.d")));
        assert_eq!(split("amm.sqrt_k"), None);
        assert_eq!(split("amm.volume24h"), None);
    }
}
