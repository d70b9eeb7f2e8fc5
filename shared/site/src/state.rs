//! The state of a page's routes.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::site::Site;

/// The site, as routes hold it.
#[derive(Clone)]
pub(crate) struct SharedSite(pub(crate) Arc<Site>);

/// A use case on the site. Handlers get `State<Arc<U>>`, and a visit or a form.
pub struct Served<U> {
    use_case: Arc<U>,
    site: SharedSite,
}

impl<U> Served<U> {
    /// The use case on the site.
    #[must_use]
    pub fn new(use_case: Arc<U>, site: &Arc<Site>) -> Self {
        Self { use_case, site: SharedSite(Arc::clone(site)) }
    }
}

impl<U> Clone for Served<U> {
    fn clone(&self) -> Self {
        Self { use_case: Arc::clone(&self.use_case), site: self.site.clone() }
    }
}

impl<U> FromRef<Served<U>> for Arc<U> {
    fn from_ref(state: &Served<U>) -> Self {
        Arc::clone(&state.use_case)
    }
}

impl<U> FromRef<Served<U>> for SharedSite {
    fn from_ref(state: &Served<U>) -> Self {
        state.site.clone()
    }
}
