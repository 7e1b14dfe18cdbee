//! Looks for secrets where none may be.

use terraform_cli::secrets::shown_in;
use tfplugin_host::Value;
use tfplugin_host::state::State;
use tfplugin_host::value::ValueExt as _;

use crate::rig::{KEY, OTHER_KEY, QUERY, TOKEN};

/// Every secret of the tests.
pub(crate) const ALL: [&str; 4] = [TOKEN, KEY, OTHER_KEY, QUERY];

pub(crate) fn assert_none(place: &str, text: &str) {
    if let Some(line) = shown_in(text, &ALL) {
        panic!("a secret in {place}: {line}");
    }
}

/// State keeps the url and, by design, `signing_key`; nothing else of it holds a secret. What is
/// kept beside the attributes never holds a key or the token; of a url that Immuta normalized it keeps
/// both forms.
pub(crate) fn assert_none_at_rest(state: &State) {
    let bare = state
        .value
        .clone()
        .with("url", Value::Null)
        .with("signing_key", Value::Null);
    assert_none("state", &bare.to_test_json().to_string());
    assert_none("the identity", &state.identity.to_test_json().to_string());
    let private = String::from_utf8_lossy(&state.private);
    if let Some(line) = shown_in(&private, &[TOKEN, KEY, OTHER_KEY]) {
        panic!("a secret in the private data: {line}");
    }
}
