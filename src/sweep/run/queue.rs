//! Work handed out in order, done in any order, taken in again in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes that may wait for their turn before no new work is handed out.
const MOST_WAITING_BYTES: usize = 64 << 20;

/// Hands out the items of an iterator and takes in the results, in the same order.
///
/// Work is handed out only while less than `window` items are out or waiting, and what waits is below 64 MiB.
pub struct Queue<I, T, D> {
    state: Mutex<State<I, T>>,
    changed: Condvar,
    taker: Mutex<D>,
    window: u64,
}

struct State<I, T> {
    work: I,
    handed_out: u64,
    taken_in: u64,
    waiting: BTreeMap<u64, Done<T>>,
    waiting_bytes: usize,
    most_waiting: usize,
    taking_in: bool,
    closed: bool,
    /// The taker has refused a result: it gets no more.
    broken: bool,
}

struct Done<T> {
    result: T,
    bytes: usize,
}

impl<I: Iterator, T, D> Queue<I, T, D> {
    /// A queue over `work` whose results `taker` gets.
    pub fn new(work: I, window: u64, taker: D) -> Self {
        Self {
            state: Mutex::new(State {
                work,
                handed_out: 0,
                taken_in: 0,
                waiting: BTreeMap::new(),
                waiting_bytes: 0,
                most_waiting: 0,
                taking_in: false,
                closed: false,
                broken: false,
            }),
            changed: Condvar::new(),
            taker: Mutex::new(taker),
            window,
        }
    }

    /// The next item and its place in the order; waits while too much is under way. `None` when there is no more or
    /// the queue is closed.
    pub fn next(&self) -> Option<(u64, I::Item)> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            // What waits does so behind an item that is out, or is being taken in: it will move.
            let full = state.handed_out - state.taken_in >= self.window
                || (state.waiting_bytes > MOST_WAITING_BYTES && !state.waiting.is_empty());
            if !full {
                break;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let item = state.work.next()?;
        let place = state.handed_out;
        state.handed_out += 1;
        Some((place, item))
    }

    /// Brings the result of the item at a place. If it is the next in order, this thread has `take` take it in, and
    /// those behind it; another thread may be doing so already.
    ///
    /// # Errors
    /// Those of `take`. The queue is then closed.
    pub fn bring<E>(
        &self,
        place: u64,
        result: T,
        bytes: usize,
        mut take: impl FnMut(&mut D, T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut state = self.state();
        state.waiting.insert(place, Done { result, bytes });
        state.waiting_bytes += bytes;
        state.most_waiting = state.most_waiting.max(state.waiting.len());
        if state.taking_in || state.broken {
            return Ok(());
        }
        loop {
            let next = state.taken_in;
            let Some(done) = state.waiting.remove(&next) else {
                return Ok(());
            };
            state.taking_in = true;
            drop(state);
            let taken = take(
                &mut self.taker.lock().unwrap_or_else(PoisonError::into_inner),
                done.result,
            );
            state = self.state();
            state.taking_in = false;
            state.taken_in += 1;
            state.waiting_bytes -= done.bytes;
            if taken.is_err() {
                (state.closed, state.broken) = (true, true);
            }
            self.changed.notify_all();
            taken?;
        }
    }

    /// Hands out no more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Most results that waited for their turn at once, the one just brought included.
    pub fn most_waiting(&self) -> usize {
        self.state().most_waiting
    }

    /// Ends the queue; whether all work was handed out and taken in is for the taker to say.
    pub fn into_taker(self) -> D {
        self.taker.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State<I, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::thread;

    fn keep(all: &mut Vec<u64>, item: u64) -> Result<(), Infallible> {
        all.push(item);
        Ok(())
    }

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let queue = Queue::new(0..500u64, 8, Vec::new());
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while let Some((place, item)) = queue.next() {
                            if item % 7 == 0 {
                                thread::yield_now();
                            }
                            queue.bring(place, item, 1, keep).unwrap();
                        }
                    });
                }
            });
            assert!(queue.most_waiting() <= 8);
            assert_eq!(
                queue.into_taker(),
                (0..500).collect::<Vec<_>>(),
                "{threads} threads"
            );
        }
    }

    #[test]
    fn what_waits_is_bounded_while_the_first_item_is_out() {
        let queue = Queue::new(0..100u64, 4, Vec::new());
        let (first, item) = queue.next().unwrap();
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                let mut brought = 0;
                while let Some((place, item)) = queue.next() {
                    queue.bring(place, item, 1, keep).unwrap();
                    brought += 1;
                }
                brought
            });
            while queue.most_waiting() < 3 {
                thread::yield_now();
            }
            queue.bring(first, item, 1, keep).unwrap();
            assert_eq!(other.join().unwrap(), 99);
        });
        assert!(queue.most_waiting() <= 4);
        assert_eq!(queue.into_taker(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_and_a_close_end_it() {
        let queue = Queue::new(0..9u64, 4, ());
        let (place, item) = queue.next().unwrap();
        assert_eq!(queue.bring(place, item, 1, |(), _| Err("full")), Err("full"));
        assert!(queue.next().is_none());
        let unwanted = |(): &mut (), _| -> Result<(), &str> { panic!("nothing follows an error") };
        assert_eq!(queue.bring(1, 1, 1, unwanted), Ok(()));

        let queue: Queue<_, u64, ()> = Queue::new(0..9u64, 1, ());
        queue.next().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.next());
            queue.close();
            assert!(waiting.join().unwrap().is_none());
        });
    }
}
