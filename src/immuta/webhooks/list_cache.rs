//! The shared list: fetched once for all who read, until something changes.
//!
//! A refresh of many webhooks costs one call. A list is kept until a write of this process starts or ends; whoever asks
//! meanwhile gets the same response, and the same error. A fetch runs in a task of its own, so that it does not die
//! with the reader who happened to begin it.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tracing::Instrument;

/// What is fetched, and when it is fetched again. `T` is cheap to clone.
#[derive(Debug)]
pub(super) struct SingleFlight<T> {
    kept: Mutex<Option<Flight<T>>>,
}

/// A fetch that was begun. Its clones are the same fetch.
#[derive(Debug)]
pub(super) struct Flight<T>(watch::Receiver<Option<T>>);

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Flight(self.0.clone())
    }
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    pub(super) fn new() -> SingleFlight<T> {
        SingleFlight {
            kept: Mutex::new(None),
        }
    }

    /// The kept flight, or a new one.
    pub(super) fn get_or_fetch(
        &self,
        fetch: impl Future<Output = T> + Send + 'static,
    ) -> Flight<T> {
        self.kept().get_or_insert_with(|| spawn(fetch)).clone()
    }

    /// A flight that begins now; it is what later readers share.
    pub(super) fn refetch(&self, fetch: impl Future<Output = T> + Send + 'static) -> Flight<T> {
        self.kept().insert(spawn(fetch)).clone()
    }

    /// What was fetched, if a flight is kept and has ended.
    pub(super) fn peek(&self) -> Option<T> {
        self.kept()
            .as_ref()
            .and_then(|fetch| fetch.0.borrow().clone())
    }

    /// Marks a write: nothing fetched before its start is given to readers that come after it, nor anything fetched
    /// before its end to readers that come after that.
    pub(super) fn invalidate(&self) -> Invalidation<'_, T> {
        self.kept().take();
        Invalidation(self)
    }

    fn kept(&self) -> MutexGuard<'_, Option<Flight<T>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spawn<T: Clone + Send + Sync + 'static>(
    fetch: impl Future<Output = T> + Send + 'static,
) -> Flight<T> {
    let (sender, receiver) = watch::channel(None);
    let work = async move {
        let fetched = fetch.await;
        sender.send_replace(Some(fetched));
    };
    // Its log lines carry the RPC that began it.
    tokio::spawn(work.in_current_span());
    Flight(receiver)
}

impl<T: Clone> Flight<T> {
    /// What was fetched. `None` if the fetch panicked, which the panic hook has report.
    pub(super) async fn wait(mut self) -> Option<T> {
        let value = self.0.wait_for(Option::is_some).await.ok()?;
        value.clone()
    }
}

/// A write in progress; it ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub(super) struct Invalidation<'a, T: Clone + Send + Sync + 'static>(&'a SingleFlight<T>);

impl<T: Clone + Send + Sync + 'static> Drop for Invalidation<'_, T> {
    fn drop(&mut self) {
        self.0.kept().take();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;

    use proptest::prelude::*;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    /// A fake fetch gives the number of the event at which it began, or a failure.
    type Fetched = Result<u64, u64>;

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Join,
        Begin,
        DropReader,
        WriteStarts,
        WriteEnds,
        FetchEnds { good: bool },
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => Just(Event::Join),
            2 => Just(Event::Begin),
            1 => Just(Event::DropReader),
            1 => Just(Event::WriteStarts),
            1 => Just(Event::WriteEnds),
            3 => any::<bool>().prop_map(|good| Event::FetchEnds { good }),
        ]
    }

    /// What a reader may be given.
    struct Reader {
        came: u64,
        not_before: u64,
        got: JoinHandle<Option<Fetched>>,
    }

    proptest! {
        #[test]
        fn no_reader_gets_a_list_from_before_a_write(events in proptest::collection::vec(event(), 0..60)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let single: Arc<SingleFlight<Fetched>> = Arc::new(SingleFlight::new());
                let mut pending: VecDeque<oneshot::Sender<bool>> = VecDeque::new();
                let mut writes = Vec::new();
                let mut readers: Vec<Reader> = Vec::new();
                let mut last_change = 0;
                let mut fetches_since_change = 0;
                for (now, event) in (1..).zip(events) {
                    let (ends, ended) = oneshot::channel();
                    let fetch = async move {
                        match ended.await {
                            Ok(true) => Ok(now),
                            _ => Err(now),
                        }
                    };
                    match event {
                        Event::Join => {
                            let flight = single.get_or_fetch(fetch);
                            if !ends.is_closed() {
                                // The fetch was begun, not dropped unused.
                                fetches_since_change += 1;
                                pending.push_back(ends);
                                prop_assert_eq!(fetches_since_change, 1, "readers share one fetch");
                            }
                            readers.push(Reader { came: now, not_before: last_change, got: tokio::spawn(flight.wait()) });
                        }
                        Event::Begin => {
                            let begun = single.refetch(fetch);
                            pending.push_back(ends);
                            fetches_since_change += 1;
                            readers.push(Reader { came: now, not_before: now, got: tokio::spawn(begun.wait()) });
                        }
                        Event::DropReader => {
                            if let Some(reader) = readers.pop() {
                                reader.got.abort();
                            }
                        }
                        Event::WriteStarts => {
                            writes.push(single.invalidate());
                            last_change = now;
                            fetches_since_change = 0;
                        }
                        Event::WriteEnds => {
                            if writes.pop().is_some() {
                                last_change = now;
                                fetches_since_change = 0;
                            }
                        }
                        Event::FetchEnds { good } => {
                            if let Some(ends) = pending.pop_front() {
                                let _ = ends.send(good);
                                tokio::task::yield_now().await;
                            }
                        }
                    }
                }
                for ends in pending {
                    let _ = ends.send(true);
                }
                for reader in readers {
                    let fetched = reader.got.await.unwrap().unwrap();
                    let (Ok(began) | Err(began)) = fetched;
                    prop_assert!(began >= reader.not_before, "{began} {} {}", reader.came, reader.not_before);
                }
                Ok(())
            })?;
        }
    }

    #[tokio::test]
    async fn a_fetch_outlives_the_reader_that_began_it_and_its_error_is_shared() {
        let single: SingleFlight<Fetched> = SingleFlight::new();
        let (ends, ended) = oneshot::channel::<()>();
        let first = single.get_or_fetch(async move {
            ended.await.unwrap();
            Err(7)
        });
        let second = single.get_or_fetch(async { Ok(1) });
        drop(first);
        assert_eq!(single.peek(), None);
        ends.send(()).unwrap();
        assert_eq!(second.wait().await, Some(Err(7)));
        assert_eq!(single.peek(), Some(Err(7)));
        assert_eq!(
            single.get_or_fetch(async { Ok(1) }).wait().await,
            Some(Err(7))
        );
        drop(single.invalidate());
        assert_eq!(single.peek(), None);
        assert_eq!(
            single.get_or_fetch(async { Ok(1) }).wait().await,
            Some(Ok(1))
        );
    }
}
