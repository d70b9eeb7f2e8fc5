//! The pages: a file for each, with what it shows, its form, and its words for each refusal.
//!
//! The routers named `form` are of the function that owns the step. [`pages`] is all that reads no table.

pub mod account;
mod asset;
pub mod code;
mod done;
mod home;
mod language;
pub mod link;
pub mod password;
mod prefill;
pub mod recover;
pub mod resend;
pub mod sign_in;
pub mod sign_out;

use std::sync::Arc;

use axum::Router;
use regain_http_api::pages::{
    ASSET, CHANGE_PASSWORD, CODE, DONE, HOME, LANGUAGE, LANGUAGE_FORM, LINK, PASSWORD, PREFILL, PREFILL_FORM,
    RECOVER, RESEND, SIGN_IN, SIGN_OUT,
};

use crate::settings::PageSettings;
use crate::site::Site;
use crate::state::{Served, SharedSite};

/// Every page and form that reads no table.
pub fn pages(site: &Arc<Site>, settings: PageSettings) -> Router {
    let settings = Served::new(Arc::new(settings), site);
    let site = || SharedSite(Arc::clone(site));
    Router::new()
        .merge(HOME.to(home::page, settings.clone()))
        .merge(RECOVER.to(recover::page, settings.clone()))
        .merge(PREFILL_FORM.to(prefill::form, site()))
        .merge(PREFILL.to(recover::lead, site()))
        .merge(CODE.to(code::page, site()))
        .merge(RESEND.to(code::lead, site()))
        .merge(PASSWORD.to(password::page, settings))
        .merge(LINK.to(link::page, site()))
        .merge(DONE.to(done::page, site()))
        .merge(SIGN_IN.to(sign_in::page, site()))
        .merge(SIGN_OUT.to(account::lead, site()))
        .merge(CHANGE_PASSWORD.to(recover::lead, site()))
        .merge(LANGUAGE_FORM.to(language::form, site()))
        .merge(LANGUAGE.to(recover::lead, site()))
        .merge(ASSET.to(asset::content, site()))
}
