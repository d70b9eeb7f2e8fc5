//! Reads, all of them consistent: an item as it is now.

use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use regain_domain::{Challenge, ChallengeId, Fault};

use crate::Table;
use crate::attribute::{Item, PK};
use crate::fault::fault;
use crate::item::{challenge_key, to_challenge};

impl Table {
    pub(crate) async fn read(&self, key: AttributeValue) -> Result<Option<Item>, Fault> {
        sent(self.get(key)).await
    }

    /// Reads these attributes of an item, beside its key, and no others.
    pub(crate) async fn read_only(
        &self,
        key: AttributeValue,
        attributes: &[&str],
    ) -> Result<Option<Item>, Fault> {
        let mut request = self.get(key).expression_attribute_names("#key", PK);
        let mut projection = "#key".to_owned();
        for (place, attribute) in attributes.iter().enumerate() {
            let name = format!("#only_{place}");
            projection = format!("{projection}, {name}");
            request = request.expression_attribute_names(name, *attribute);
        }
        sent(request.projection_expression(projection)).await
    }

    pub(crate) async fn read_challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
        self.read(challenge_key(id)).await?.as_ref().map(to_challenge).transpose()
    }

    fn get(&self, key: AttributeValue) -> GetItemFluentBuilder {
        self.client.get_item().table_name(&self.name).key(PK, key).consistent_read(true)
    }
}

async fn sent(request: GetItemFluentBuilder) -> Result<Option<Item>, Fault> {
    Ok(request.send().await.map_err(|error| fault(&error))?.item)
}
