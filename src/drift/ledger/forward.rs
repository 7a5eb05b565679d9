//! Ledgers around ledgers.

/// Methods of a [`Ledger`](crate::ledger::Ledger) that a ledger around another hands on as they are:
/// `forward! { self => self.inner; clock, account }` among the methods it has of its own.
#[macro_export]
macro_rules! forward {
    ($me:ident => $inner:expr; $($method:ident),+) => {
        $( $crate::forward! { @$method $me, $inner } )+
    };
    (@clock $me:ident, $inner:expr) => {
        fn clock(&$me) -> $crate::clock::Clock {
            $inner.clock()
        }
    };
    (@set_clock $me:ident, $inner:expr) => {
        fn set_clock(&mut $me, clock: $crate::clock::Clock) {
            $inner.set_clock(clock)
        }
    };
    (@account $me:ident, $inner:expr) => {
        fn account(&$me, key: &$crate::accounts::Pubkey) -> Option<&$crate::accounts::Account> {
            $inner.account(key)
        }
    };
    (@set_account $me:ident, $inner:expr) => {
        fn set_account(&mut $me, key: $crate::accounts::Pubkey, account: $crate::accounts::Account) {
            $inner.set_account(key, account)
        }
    };
    (@locate $me:ident, $inner:expr) => {
        fn locate(&mut $me, key: $crate::accounts::Pubkey) -> $crate::instruction::Address {
            $inner.locate(key)
        }
    };
    (@at $me:ident, $inner:expr) => {
        fn at(&$me, address: &$crate::instruction::Address) -> Option<&$crate::accounts::Account> {
            $inner.at(address)
        }
    };
    (@put $me:ident, $inner:expr) => {
        fn put(&mut $me, address: &$crate::instruction::Address, account: $crate::accounts::Account) {
            $inner.put(address, account)
        }
    };
    (@publish $me:ident, $inner:expr) => {
        fn publish(&mut $me, address: &$crate::instruction::Address, feed: &$crate::accounts::PriceFeed) {
            $inner.publish(address, feed)
        }
    };
    (@open_wallet $me:ident, $inner:expr) => {
        fn open_wallet(&mut $me, key: $crate::accounts::Pubkey) {
            $inner.open_wallet(key)
        }
    };
}
