//! A CLI with a provider and its configuration.

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::profile::Profile;
use crate::schema::Schemas;
use crate::session::{Phase, Session};
use crate::value::Value;
use crate::wire::Spawn;

/// A CLI with a provider and its configuration.
#[derive(Clone)]
pub struct Cli {
    pub(crate) spawn: Arc<dyn Spawn>,
    /// The CLI.
    pub profile: Profile,
    provider: Json,
    provider_at_plan: Option<Json>,
    pub(crate) parallelism: usize,
}

impl Cli {
    /// A CLI that starts processes so, without a provider block.
    pub fn new(spawn: Arc<dyn Spawn>, profile: Profile) -> Cli {
        Cli {
            spawn,
            profile,
            provider: Json::Null,
            provider_at_plan: None,
            parallelism: 10,
        }
    }

    /// Writes the provider block.
    #[must_use]
    pub fn provider(mut self, config: Json) -> Cli {
        self.provider = config;
        self
    }

    /// Writes the provider block as it stands in validation and plan, with unknowns.
    #[must_use]
    pub fn provider_at_plan(mut self, config: Json) -> Cli {
        self.provider_at_plan = Some(config);
        self
    }

    /// `-parallelism`, 10 by default.
    #[must_use]
    pub fn parallelism(mut self, n: usize) -> Cli {
        self.parallelism = n.max(1);
        self
    }

    /// Starts one process and asks for its schemas, for calls one by one. It is not configured.
    pub fn session(&self, phase: Phase) -> Result<Session, String> {
        let wire = self.spawn.spawn()?;
        Session::open(wire, self.profile.clone(), phase)
            .ok()
            .map_err(|e| e.to_string())
    }

    /// Starts one process that is asked for its schemas, validated and configured.
    pub fn configured(&self, phase: Phase) -> Result<Session, String> {
        let session = self.session(phase)?;
        let config = self.provider_value(session.schemas(), phase);
        for answer in [
            session.validate_provider(&config),
            session.configure(&config),
        ] {
            if answer.is_err() {
                return Err(answer.failure("provider").to_string());
            }
        }
        Ok(session)
    }

    pub(crate) fn provider_value(&self, schemas: &Schemas, phase: Phase) -> Value {
        let json = match (phase, &self.provider_at_plan) {
            (Phase::Apply, _) | (_, None) => &self.provider,
            (_, Some(json)) => json,
        };
        let empty = serde_json::json!({});
        let json = if json.is_null() { &empty } else { json };
        schemas
            .provider
            .object(json)
            .unwrap_or_else(|e| panic!("the provider block: {e}"))
    }

    pub(crate) fn provider_block_is_empty(&self) -> bool {
        self.provider
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
    }
}

impl fmt::Debug for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cli")
            .field("profile", &self.profile.name)
            .finish_non_exhaustive()
    }
}
