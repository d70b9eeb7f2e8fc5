//! The two halves of a request's line: the API's answer, and what the function says of it in its own log line, such as
//! the problem that a page shows. They come in either order, and the second completes the line.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::line::{Request, Said};

/// How many halves are kept. More are those of callers who hung up.
const LIMIT: usize = 1_000;

/// The halves that wait for their other one, by the id of the request.
#[derive(Debug, Default)]
pub(super) struct Exchanges(Mutex<HashMap<String, Half>>);

#[derive(Debug)]
enum Half {
    Answer(Request),
    Said(Said),
}

impl Exchanges {
    /// Takes an answer; gives it back if it is complete with this.
    pub(super) fn answered(&self, id: &str, request: Request) -> Option<Request> {
        let mut halves = self.lock();
        if let Some(Half::Said(said)) = halves.remove(id) {
            return Some(Request { said, ..request });
        }
        halves.insert(id.to_owned(), Half::Answer(request));
        None
    }

    /// Takes what a function says of a request; gives the request if it is complete with this.
    pub(super) fn said(&self, id: &str, said: Said) -> Option<Request> {
        let mut halves = self.lock();
        if let Some(Half::Answer(request)) = halves.remove(id) {
            return Some(Request { said, ..request });
        }
        if halves.len() >= LIMIT {
            halves.retain(|_, half| matches!(half, Half::Answer(_)));
        }
        halves.insert(id.to_owned(), Half::Said(said));
        None
    }

    /// The answers of which no function has said anything, when none will any more.
    pub(super) fn rest(&self) -> Vec<Request> {
        let halves = std::mem::take(&mut *self.lock());
        let answer = |half| if let Half::Answer(request) = half { Some(request) } else { None };
        halves.into_values().filter_map(answer).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Half>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{Method, StatusCode};

    use super::*;

    fn answer() -> Request {
        Request {
            method: Method::GET,
            template: "/",
            status: StatusCode::OK,
            took: Duration::ZERO,
            function: "meta",
            said: Said::default(),
        }
    }

    fn said(problem: &str) -> Said {
        Said { problem: Some(problem.to_owned()), reference: None }
    }

    #[test]
    fn the_second_half_completes_a_request_whichever_it_is() {
        let exchanges = Exchanges::default();
        assert!(exchanges.answered("a", answer()).is_none());
        assert!(exchanges.said("b", said("b")).is_none());
        assert_eq!(exchanges.said("a", said("a")).unwrap().said, said("a"));
        assert_eq!(exchanges.answered("b", answer()).unwrap().said, said("b"));
        assert!(exchanges.rest().is_empty());
    }

    #[test]
    fn what_is_said_to_nobody_is_forgotten_and_no_answer_is() {
        let exchanges = Exchanges::default();
        assert!(exchanges.answered("answer", answer()).is_none());
        for n in 0..3 * LIMIT {
            assert!(exchanges.said(&n.to_string(), said("lost")).is_none());
            assert!(exchanges.lock().len() <= LIMIT);
        }
        assert_eq!(exchanges.rest().len(), 1);
        assert!(exchanges.rest().is_empty());
    }
}
