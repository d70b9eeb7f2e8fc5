//! The Lambda function `meta`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    regain_meta::run().await
}
