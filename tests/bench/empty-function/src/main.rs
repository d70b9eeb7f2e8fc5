//! The floor of every measure: a function of `lambda_http` that does nothing. It is a package of its own so
//! that one invocation of cargo builds it with the functions, from the same crates with the same features.

use lambda_http::{Body, Error, Request, Response, service_fn};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_http::run(service_fn(|_: Request| async {
        Ok::<_, Error>(Response::new(Body::Text("{}".to_owned())))
    })))
}
