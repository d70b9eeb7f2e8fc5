//! Pages for people: HTML over the same use cases as the API, rendered on the server.
//!
//! A `GET` shows a page and changes nothing; what it shows is in the flow's cookie (`flow`) or the same for all. A
//! form goes to the function that owns the step, runs that use case, and leads on (303), or shows the page again with
//! what is to be mended. Nothing is stored for a page.
//!
//! - `Site`: what every page shares, from configuration.
//! - `visit`: what a request tells of a person's place; makes every answer.
//! - `form`: reads a form and refuses what isn't ours.
//! - [`routes`]: a file for each path, with its `GET`, its form, and its words for each refusal.
//! - [`trouble_page`]: pages in the place of problems.
//!
//! To extend: a path in `regain_http_api::pages`, a file in [`routes`], a template in `templates/`, its words in every
//! `shared/locales/TAG/pages.ftl`. `docs/pages.md` has the rest.

mod accept_language;
mod assets;
mod cookies;
mod flow;
mod form;
mod frame;
mod headers;
mod return_to;
pub mod routes;
mod settings;
mod site;
mod state;
#[cfg(test)]
mod testing;
mod trouble;
pub mod trouble_page;
mod typed;
mod visit;
mod wait;

pub use settings::{PageSettings, SiteSettings};
pub use site::Site;
pub use state::Served;
