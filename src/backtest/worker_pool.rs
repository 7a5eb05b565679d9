//! Several replays at a time.
//!
//! On plain threads, and not on a pool of rayon's: the runtime waits for pools of its own, and a worker of a pool that waits
//! for another takes up other work meanwhile. That would be the next replay, inside the one that waits, and the next
//! inside that, until the stack is used up.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

/// The stack of a thread: as much as the first thread of a process has.
const STACK: usize = 8 << 20;

fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Does `work` on every item, on so many threads or on one a core, and answers in the order of the items.
///
/// # Panics
/// Where `work` does.
pub fn each<T: Sync, R: Send + Sync>(
    items: &[T],
    threads: Option<NonZeroUsize>,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let Some(most) = NonZeroUsize::new(items.len()) else {
        return Vec::new();
    };
    // More threads than items would have nothing to do.
    let threads = threads.unwrap_or_else(cores).min(most);
    let done: Vec<OnceLock<R>> = items.iter().map(|_| OnceLock::new()).collect();
    let mut next = items.iter().zip(&done);
    let put = |(item, place): (&T, &OnceLock<R>)| _ = place.set(work(item));
    stream(|| next.next(), Some(threads), put);
    done.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// Does `work` on every item that `next` has, until it has none, on so many threads or on one a core. Nothing is kept, so
/// there may be any number of them.
///
/// # Panics
/// Where `next` or `work` does.
pub fn stream<T: Send>(
    next: impl FnMut() -> Option<T> + Send,
    threads: Option<NonZeroUsize>,
    work: impl Fn(T) + Sync,
) {
    let wanted = threads.unwrap_or_else(cores).get();
    let next = Mutex::new(next);
    let all = || {
        // Locked for no longer than it takes to get one.
        let one = || {
            let mut next: MutexGuard<_> = next.lock().unwrap_or_else(PoisonError::into_inner);
            next()
        };
        while let Some(item) = one() {
            work(item);
        }
    };
    thread::scope(|scope| {
        let started = (0..wanted).filter(|_| {
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, all)
                .is_ok()
        });
        // A system that starts no threads leaves everything to this one.
        if started.count() == 0 {
            all();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::sync::{Barrier, Mutex};

    #[test]
    fn answers_come_in_order_from_as_many_threads_as_asked_for() {
        let (seen, two) = (Mutex::new(HashSet::new()), Barrier::new(2));
        let items: Vec<u32> = (0..100).collect();
        let squares = each(&items, NonZeroUsize::new(2), |item| {
            // Neither of two threads gets on without the other.
            two.wait();
            seen.lock().unwrap().insert(thread::current().id());
            item * item
        });
        assert_eq!(squares, items.iter().map(|item| item * item).collect::<Vec<_>>());
        assert_eq!(seen.into_inner().unwrap().len(), 2);
        assert!(each(&[] as &[u32], None, |item| *item).is_empty());
    }
}
