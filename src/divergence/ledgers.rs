//! Two ledgers as they stand: the fields in which they are not equal.

use crate::verify::{Difference, differing_fields};
use drift::accounts::{Account, Pubkey};
use std::collections::BTreeMap;

/// Where the ledger of the engine differs from that of a program, in the order of addresses; an account that only one
/// of them has is compared with an absent one.
pub fn differences<'a>(
    program: impl Iterator<Item = (&'a Pubkey, &'a Account)>,
    engine: impl Iterator<Item = (&'a Pubkey, &'a Account)>,
) -> Vec<Difference> {
    const ABSENT: &Account = &Account::Absent;
    let mut pairs: BTreeMap<Pubkey, (&Account, &Account)> = BTreeMap::new();
    for (key, account) in program {
        pairs.insert(*key, (account, ABSENT));
    }
    for (key, account) in engine {
        pairs.entry(*key).or_insert((ABSENT, ABSENT)).1 = account;
    }
    pairs
        .into_iter()
        .filter(|(_, (expected, actual))| expected != actual)
        .flat_map(|(key, (expected, actual))| differing_fields(key, expected, actual))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::accounts::User;
    use drift::accounts::layout::Value;

    fn user(next_order_id: u32) -> Account {
        Account::User(Box::new(User {
            next_order_id,
            ..User::default()
        }))
    }

    #[test]
    fn a_field_and_a_missing_account_are_told() {
        let [shared, alone] = [Pubkey([1; 32]), Pubkey([2; 32])];
        let token = Account::Token(Box::default());
        let (one, two) = (user(1), user(2));
        let found = differences(
            [(&alone, &token), (&shared, &one)].into_iter(),
            [(&shared, &two)].into_iter(),
        );
        assert_eq!(
            found[0],
            Difference::Field {
                account: shared,
                kind: "User",
                path: "next_order_id".to_owned(),
                expected: Some(Value::Uint(1)),
                actual: Some(Value::Uint(2)),
            }
        );
        assert!(found.len() > 1);
        let other = |difference: &Difference| matches!(difference, Difference::Field { account, .. } if *account == alone);
        assert!(found[1..].iter().all(other));
        let same = || [(&shared, &one)].into_iter();
        assert!(differences(same(), same()).is_empty());
    }
}
