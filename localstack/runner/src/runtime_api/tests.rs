//! Invocations against instances that are played by the test, over the wire protocol where that matters.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;

use super::*;

const LONG: Duration = Duration::from_mins(1);
const NEXT: &str = "/meta/0/2018-06-01/runtime/invocation/next";

fn api() -> RuntimeApi {
    RuntimeApi::new(["meta"])
}

fn invoke(api: &RuntimeApi, payload: &'static str, timeout: Duration) -> Invoked {
    let api = api.clone();
    tokio::spawn(async move { api.invoke("meta", Bytes::from(payload), timeout).await })
}

type Invoked = tokio::task::JoinHandle<Result<Bytes, InvokeError>>;

fn request(method: &str, uri: &str, body: &'static str) -> Request<Body> {
    Request::builder().method(method).uri(uri).body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn an_event_goes_out_and_its_answer_comes_back() {
    let api = api();
    let invoked = invoke(&api, "question", LONG);
    let router = http::router(api.clone());
    let event = router.clone().oneshot(request("GET", NEXT, "")).await.unwrap();
    assert_eq!(event.status(), StatusCode::OK);
    let header = |name: &str| event.headers()[name].to_str().unwrap().to_owned();
    let id = header("lambda-runtime-aws-request-id");
    assert!(header("lambda-runtime-invoked-function-arn").ends_with(":function:meta"));
    assert!(header("lambda-runtime-trace-id").starts_with("Root=1-"));
    let now = epoch_time().as_millis();
    assert!(header("lambda-runtime-deadline-ms").parse::<u128>().unwrap() > now);
    assert_eq!(to_bytes(event.into_body(), 100).await.unwrap(), "question");

    let uri = format!("/meta/0/2018-06-01/runtime/invocation/{id}/response");
    let accepted = router.clone().oneshot(request("POST", &uri, "answer")).await.unwrap();
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    assert_eq!(invoked.await.unwrap().unwrap(), "answer");

    let again = router.oneshot(request("POST", &uri, "answer")).await.unwrap();
    assert_eq!(again.status(), StatusCode::GONE);
}

#[tokio::test]
async fn a_page_of_another_origin_neither_takes_events_nor_answers_them() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(http::serve(api(), listener));
    for headers in ["Host: rebind.example.com", "Host: 127.0.0.1\r\nOrigin: https://example.com"] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("POST /meta/0/2018-06-01/runtime/init/error HTTP/1.1\r\n{headers}\r\n");
        let request = format!("{request}Content-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{headers}: {answer}");
    }
}

#[tokio::test]
async fn a_reported_error_comes_back_as_one() {
    let api = api();
    let invoked = invoke(&api, "question", LONG);
    let event = api.next("meta", 0).await.unwrap();
    let uri = format!("/meta/0/2018-06-01/runtime/invocation/{}/error", event.request_id);
    http::router(api).oneshot(request("POST", &uri, r#"{"errorType":"x"}"#)).await.unwrap();
    let error = invoked.await.unwrap().unwrap_err();
    assert!(matches!(&error, InvokeError::Function(json) if json.contains("errorType")), "{error:?}");
}

#[tokio::test]
async fn a_crash_fails_the_invocation_at_once_and_no_other() {
    let api = api();
    let first = invoke(&api, "first", LONG);
    let held = api.next("meta", 0).await.unwrap();
    assert_eq!(held.payload, "first");
    let second = invoke(&api, "second", LONG);
    let other = api.next("meta", 1).await.unwrap();

    assert!(api.instance_exited("meta", 0));
    assert!(matches!(first.await.unwrap(), Err(InvokeError::Crashed)));
    assert!(!api.answer("meta", 0, &held.request_id, Ok(Bytes::new())));
    assert!(api.answer("meta", 1, &other.request_id, Ok(Bytes::from("fine"))));
    assert_eq!(second.await.unwrap().unwrap(), "fine");
}

#[tokio::test]
async fn an_instance_has_one_event_at_a_time() {
    let api = api();
    let first = invoke(&api, "first", LONG);
    let event = api.next("meta", 0).await.unwrap();
    let second = invoke(&api, "second", LONG);
    tokio::task::yield_now().await;
    assert_eq!(api.functions["meta"].lock().waiting.len(), 1);
    assert!(api.answer("meta", 0, &event.request_id, Ok(Bytes::new())));
    first.await.unwrap().unwrap();
    let event = api.next("meta", 0).await.unwrap();
    assert_eq!(event.payload, "second");
    assert!(api.answer("meta", 0, &event.request_id, Ok(Bytes::new())));
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_overrun_ends_the_invocation_and_asks_for_the_process_to_be_stopped() {
    let api = api();
    let overdue = api.instance_started("meta", 0);
    let instance = api.clone();
    let event = tokio::spawn(async move { instance.next("meta", 0).await });
    api.wait_until_polling("meta", 1).await;
    let invoked = api.invoke("meta", Bytes::from("slow"), Duration::from_millis(1)).await;
    assert!(matches!(invoked, Err(InvokeError::Timeout)));
    assert!(event.await.unwrap().is_some());
    overdue.notified().await;
}

#[tokio::test]
async fn what_is_handled_now_is_waited_for_however_it_ends_and_nothing_else() {
    let api = api();
    api.wait_until_handled("meta").await;
    let mut ids = Vec::new();
    for instance in 0..3 {
        let _invoked = invoke(&api, "question", LONG);
        ids.push(api.next("meta", instance).await.unwrap().request_id);
    }
    // Nobody takes this one.
    let _invoked = invoke(&api, "question", LONG);
    let waiting = api.clone();
    let handled = tokio::spawn(async move { waiting.wait_until_handled("meta").await });
    tokio::task::yield_now().await;
    assert!(api.answer("meta", 0, &ids[0], Ok(Bytes::new())));
    assert!(api.instance_exited("meta", 1));
    tokio::task::yield_now().await;
    assert!(!handled.is_finished());
    api.functions["meta"].expire(&ids[2]);
    handled.await.unwrap();
}

#[tokio::test]
async fn an_instance_that_hung_up_gets_nothing() {
    let api = api();
    {
        let gone = api.next("meta", 0);
        tokio::pin!(gone);
        // Polled once and then dropped, as when its connection is closed.
        std::future::poll_fn(|context| {
            assert!(gone.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
    let invoked = invoke(&api, "question", LONG);
    let event = api.next("meta", 1).await.unwrap();
    assert!(api.answer("meta", 1, &event.request_id, Ok(Bytes::from("answer"))));
    assert_eq!(invoked.await.unwrap().unwrap(), "answer");
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let api = api();
    for _ in 0..QUEUE_LIMIT {
        let (reply, _) = oneshot::channel();
        let event =
            Event { request_id: ids::uuid(), trace_id: String::new(), deadline_ms: 0, payload: Bytes::new() };
        api.functions["meta"].submit(Invocation { event, reply }).unwrap();
    }
    let refused = api.invoke("meta", Bytes::new(), LONG).await;
    assert!(matches!(refused, Err(InvokeError::Overloaded)));
}

#[tokio::test]
async fn instances_count_as_polling_until_they_exit() {
    let api = api();
    assert!(!api.has_polled("meta"));
    let polling = api.clone();
    let poll = tokio::spawn(async move { polling.next("meta", 0).await.is_none() });
    api.wait_until_polling("meta", 1).await;
    assert!(api.has_polled("meta"));
    assert!(api.instance_exited("meta", 0));
    assert!(poll.await.unwrap());
    assert!(!api.instance_exited("meta", 0));
}

impl RuntimeApi {
    /// Plays an instance of the function for one event, for the tests of what invokes functions: gives this
    /// answer, or dies on `crash`, and returns the event.
    pub(crate) async fn play(&self, function: &str, answer: &str) -> Bytes {
        let (payload, end) = self.play_until(function, answer).await;
        end();
        payload
    }

    /// The same; the answer is given when what is returned beside the event is called.
    pub(crate) async fn play_until(&self, function: &str, answer: &str) -> (Bytes, impl FnOnce()) {
        let event = self.next(function, 0).await.unwrap();
        let end = move || {
            if answer == "crash" {
                self.instance_exited(function, 0);
            } else {
                let answer = Bytes::copy_from_slice(answer.as_bytes());
                assert!(self.answer(function, 0, &event.request_id, Ok(answer)));
            }
        };
        (event.payload, end)
    }
}
