//! `GET /v1/password-policy`: what is asked of a password.

use axum::extract::State;
use axum::{Json, Router};
use regain_domain::PasswordPolicy;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object};

use crate::route::Route;
use crate::schema::{one_of, tag};
use crate::violation::{check_schema, checks};

pub(crate) const ROUTE: Route = Route::get("/v1/password-policy", "meta", "passwordPolicy");

/// The operation's route. `with_breaches` is whether passwords are looked up among those of breaches.
pub fn router(password: &PasswordPolicy, with_breaches: bool) -> Router {
    let policy = Policy {
        min_length: password.min_length,
        max_length: password.max_length,
        length_unit: LENGTH_UNIT,
        checks: checks(with_breaches),
    };
    ROUTE.to(handle, policy)
}

/// The data for a page that guides a person to a good password.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = PasswordPolicy)]
pub(crate) struct Policy {
    /// The least length.
    #[schema(minimum = 1)]
    min_length: usize,
    /// The largest length.
    #[schema(minimum = 1)]
    max_length: usize,
    /// The unit of lengths: always Unicode code points of the NFC form.
    #[schema(schema_with = unit_schema)]
    length_unit: &'static str,
    /// The checks, by the codes of violations.
    #[schema(schema_with = checks_schema)]
    checks: Vec<&'static str>,
}

const LENGTH_UNIT: &str = "code_points";

fn unit_schema() -> Object {
    one_of([LENGTH_UNIT])
}

fn checks_schema() -> Array {
    ArrayBuilder::new().items(check_schema()).build()
}

/// The requirements on a password.
#[utoipa::path(
    get,
    path = ROUTE.path,
    operation_id = ROUTE.operation,
    tag = tag::RECOVERY,
    responses((
        status = 200,
        description = "The numbers that a page needs to guide a person.",
        content_type = "application/json",
        body = Policy,
        example = json!({
            "min_length": 15, "max_length": 256, "length_unit": LENGTH_UNIT, "checks": checks(false),
        }),
    )),
)]
pub(crate) async fn handle(State(policy): State<Policy>) -> Json<Policy> {
    Json(policy)
}
