//! The paths of the pages for people. They stand beside those of the API, because one gateway serves both; their
//! handlers are in `regain-site`.
//!
//! A `GET` is answered by `pages`, which reads no table, but for `/account`. A form goes to the function that owns the
//! step.

use crate::route::Route;

/// The function that answers what reads no table.
const PAGES_FUNCTION: &str = "pages";

macro_rules! pages {
    ($($(#[doc = $doc:literal])+ $name:ident = $method:ident $path:literal $function:expr, $operation:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: Route = Route::$method($path, $function, $operation);)+

        /// Every page and every form.
        pub const PAGES: &[Route] = &[$($name),+];

        /// What each of [`PAGES`] is for, in their order: for documents.
        pub const PURPOSES: &[&str] = &[$(concat!($($doc),+)),+];
    };
}

pages! {
    /// The local stack's page that leads to everything; elsewhere the way to the account.
    HOME = get "/" PAGES_FUNCTION, "homePage";
    /// Password assistance.
    RECOVER = get "/recover" PAGES_FUNCTION, "recoverPage";
    /// Asks for a code.
    RECOVER_FORM = post "/recover" "request-code", "recoverForm";
    /// An application's form with the identifier that it knows.
    PREFILL_FORM = post "/recover/prefill" PAGES_FUNCTION, "prefillForm";
    /// The way back from the address of that form.
    PREFILL = get "/recover/prefill" PAGES_FUNCTION, "prefillPage";
    /// The page for the code.
    CODE = get "/recover/code" PAGES_FUNCTION, "codePage";
    /// Verifies the code.
    CODE_FORM = post "/recover/code" "verify-code", "codeForm";
    /// Sends the code again, or by the other channel.
    RESEND_FORM = post "/recover/resend" "resend-code", "resendForm";
    /// The way back from the address of that form.
    RESEND = get "/recover/resend" PAGES_FUNCTION, "resendPage";
    /// The page for the new password.
    PASSWORD = get "/recover/password" PAGES_FUNCTION, "passwordPage";
    /// Sets the new password.
    PASSWORD_FORM = post "/recover/password" "set-password", "passwordForm";
    /// The page that a recovery link leads to.
    LINK = get "/recover/link" PAGES_FUNCTION, "linkPage";
    /// Takes the link's token.
    LINK_FORM = post "/recover/link" "set-password", "linkForm";
    /// The end of a recovery.
    DONE = get "/recover/done" PAGES_FUNCTION, "donePage";
    /// The page for the password.
    SIGN_IN = get "/sign-in" PAGES_FUNCTION, "signInPage";
    /// Signs in.
    SIGN_IN_FORM = post "/sign-in" "sessions", "signInForm";
    /// Signs out.
    SIGN_OUT_FORM = post "/sign-out" "sessions", "signOutForm";
    /// The way back from the address of that form.
    SIGN_OUT = get "/sign-out" PAGES_FUNCTION, "signOutPage";
    /// The page of the person who is signed in.
    ACCOUNT = get "/account" "sessions", "accountPage";
    /// The page that changes a password.
    CHANGE_PASSWORD = get "/change-password" PAGES_FUNCTION, "changePasswordPage";
    /// Chooses the language.
    LANGUAGE_FORM = post "/language" PAGES_FUNCTION, "languageForm";
    /// The way back from the address of that form.
    LANGUAGE = get "/language" PAGES_FUNCTION, "languagePage";
    /// Style, script and logo.
    ASSET = get "/assets/{name}" PAGES_FUNCTION, "asset";
}
