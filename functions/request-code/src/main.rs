//! The Lambda function `request-code`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    regain_request_code::run().await
}
