//! The table's shape, for whatever creates it itself: the local stack and the tests. On AWS the SAM template does,
//! and a test holds the two together.

use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
    StreamViewType, TimeToLiveSpecification,
};
use regain_domain::Fault;

use crate::Table;
pub use crate::attribute::PK as KEY;
use crate::fault::fault;
pub use crate::item::PURGE_AT as EXPIRY;
use crate::transaction::unbuilt;

/// How the table is billed.
pub const BILLING_MODE: BillingMode = BillingMode::PayPerRequest;
/// The view of the stream's records: the whole item, as it is after the change.
pub const STREAM_VIEW: StreamViewType = StreamViewType::NewImage;

impl Table {
    /// Creates the table, on demand, with its stream and its TTL, unless there is one of that name.
    ///
    /// # Errors
    /// Whatever the endpoint says, but not that the table exists.
    pub async fn create_if_absent(&self) -> Result<(), Fault> {
        let key = KeySchemaElement::builder().attribute_name(KEY).key_type(KeyType::Hash).build();
        let attribute =
            AttributeDefinition::builder().attribute_name(KEY).attribute_type(ScalarAttributeType::S).build();
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(STREAM_VIEW)
            .build()
            .map_err(unbuilt)?;
        let created = self
            .client
            .create_table()
            .table_name(&self.name)
            .key_schema(key.map_err(unbuilt)?)
            .attribute_definitions(attribute.map_err(unbuilt)?)
            .billing_mode(BILLING_MODE)
            .stream_specification(stream)
            .send()
            .await;
        match created {
            Ok(_) => {}
            Err(error)
                if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) =>
            {
                return Ok(());
            }
            Err(error) => return Err(fault(&error)),
        }
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name(EXPIRY).build();
        let request = self.client.update_time_to_live().table_name(&self.name);
        let request = request.time_to_live_specification(ttl.map_err(unbuilt)?);
        request.send().await.map(drop).map_err(|error| fault(&error))
    }
}
