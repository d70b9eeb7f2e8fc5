//! The Lambda function `deliver-messages`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    regain_deliver_messages::run().await
}
