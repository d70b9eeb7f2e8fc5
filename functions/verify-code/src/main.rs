//! The Lambda function `verify-code`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    regain_verify_code::run().await
}
