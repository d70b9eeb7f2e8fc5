//! The Lambda function `set-password`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    regain_set_password::run().await
}
