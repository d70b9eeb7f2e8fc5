//! Cross-origin requests (the Fetch standard's CORS protocol): from configured origins only, by default none.

use std::time::Duration;

use axum::Router;
use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

/// How long a browser may remember that it may call.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Lets pages of `origins` call. Credentials in cookies are never allowed: there are none.
pub(crate) fn with_cors(app: Router, origins: &[HeaderValue]) -> Router {
    if origins.is_empty() {
        return app;
    }
    app.layer(
        CorsLayer::new()
            .allow_origin(origins.to_vec())
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                HeaderName::from_static("idempotency-key"),
            ])
            .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
            .max_age(MAX_AGE),
    )
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::{Request, StatusCode};
    use tower::ServiceExt as _;

    use super::*;

    async fn answer(origins: &[HeaderValue], method: Method, origin: &str) -> axum::response::Response {
        let app = crate::app_for_origins(Router::new().route("/v1/health", get(|| async {})), origins);
        let request = Request::builder()
            .method(method)
            .uri("/v1/health")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .body(Body::empty());
        app.oneshot(request.unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn only_configured_origins_are_allowed() {
        let origins = [HeaderValue::from_static("https://app.example.com")];
        for method in [Method::GET, Method::OPTIONS] {
            let allowed = answer(&origins, method.clone(), "https://app.example.com").await;
            assert_eq!(allowed.status(), StatusCode::OK);
            assert_eq!(allowed.headers()["access-control-allow-origin"], "https://app.example.com");
            assert_eq!(allowed.headers()["cache-control"], "no-store");
            let other = answer(&origins, method, "https://evil.example").await;
            assert!(!other.headers().contains_key("access-control-allow-origin"));
        }
    }

    #[tokio::test]
    async fn by_default_there_is_no_cross_origin_access() {
        let get = answer(&[], Method::GET, "https://app.example.com").await;
        assert!(!get.headers().contains_key("access-control-allow-origin"));
        let preflight = answer(&[], Method::OPTIONS, "https://app.example.com").await;
        assert_eq!(preflight.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
