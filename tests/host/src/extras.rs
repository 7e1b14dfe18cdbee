//! What a CLI does beside managed resources: data sources, ephemeral resources, actions and
//! lists, each in the processes and the order that core has.

use serde_json::Value as Json;

use crate::cli::Cli;
use crate::diagnostic::{Answer, Failure};
use crate::session::{Listed, Opened, Phase, Session};
use crate::value::Value;

/// A command that gave up: what failed, or why no process could be started.
pub type Failed = Box<Failure>;

/// A result, and the provider's warnings and other messages on the way.
#[derive(Debug, Clone)]
pub struct WithWarnings<T> {
    /// The result.
    pub value: T,
    /// Warnings.
    pub warnings: Vec<crate::Diagnostic>,
}

impl Cli {
    /// A data source as a plan reads it: validated in a first process, validated again and read in
    /// a configured one. The value is `None` where the provider put it off.
    pub fn data(
        &self,
        type_name: &str,
        config: Json,
    ) -> Result<WithWarnings<Option<Value>>, Failed> {
        self.data_in(Phase::Plan, type_name, config)
    }

    /// A data source whose configuration is known only in apply.
    pub fn data_in(
        &self,
        phase: Phase,
        type_name: &str,
        config: Json,
    ) -> Result<WithWarnings<Option<Value>>, Failed> {
        let mut run = Run::new(self, format!("data.{type_name}.it"));
        let value = |s: &Session| object(&s.schemas().data_sources, type_name, &config);
        run.validate(|s| s.validate_data(type_name, &value(s)))?;
        run.configured(phase, |run, s| {
            run.keep(s.validate_data(type_name, &value(s)))?;
            run.keep(s.read_data(type_name, &value(s)))
        })
    }

    /// An ephemeral resource for one phase: validated, opened, closed.
    pub fn ephemeral(
        &self,
        phase: Phase,
        type_name: &str,
        config: Json,
    ) -> Result<WithWarnings<Opened>, Failed> {
        let mut run = Run::new(self, format!("ephemeral.{type_name}.it"));
        let value = |s: &Session| object(&s.schemas().ephemeral, type_name, &config);
        run.validate(|s| s.validate_ephemeral(type_name, &value(s)))?;
        run.configured(phase, |run, s| {
            run.keep(s.validate_ephemeral(type_name, &value(s)))?;
            let opened = run.keep(s.open_ephemeral(type_name, &value(s)))?;
            if opened.deferred.is_some() {
                return Ok(opened);
            }
            run.keep(s.close_ephemeral(type_name, opened.private.clone()))?;
            Ok(opened)
        })
    }

    /// An action as `-invoke` runs it. The value is the progress messages.
    pub fn invoke(
        &self,
        action_type: &str,
        config: Json,
    ) -> Result<WithWarnings<Vec<String>>, Failed> {
        let mut run = Run::new(self, format!("action.{action_type}.it"));
        let value = |s: &Session| object(&s.schemas().actions, action_type, &config);
        run.validate(|s| s.validate_action(action_type, &value(s)))?;
        run.configured(Phase::Plan, |run, s| {
            run.keep(s.plan_action(action_type, &value(s)))
        })?;
        run.configured(Phase::Apply, |run, s| {
            run.keep(s.invoke_action(action_type, &value(s)))
        })
    }

    /// A list as `query` runs it. Without a limit in HCL it is 100. With `generate` each result is
    /// followed by `GenerateResourceConfig`, whose configuration is in the result.
    pub fn list(
        &self,
        type_name: &str,
        config: Json,
        include_resource: bool,
        limit: Option<i64>,
        generate: bool,
    ) -> Result<WithWarnings<Vec<Listed>>, Failed> {
        let mut run = Run::new(self, format!("list.{type_name}.it"));
        let value = |s: &Session| object(&s.schemas().lists, type_name, &config);
        run.validate(|s| s.validate_list(type_name, &value(s)))?;
        run.configured(Phase::Plan, |run, s| {
            run.keep(s.validate_list(type_name, &value(s)))?;
            let include = include_resource || generate;
            let listed = run.keep(s.list(type_name, &value(s), include, limit.unwrap_or(100)))?;
            let mut results = Vec::new();
            for mut item in listed {
                if let Some(object) = item.object.as_ref().filter(|_| generate) {
                    item.generated = Some(run.keep(s.generate_config(type_name, object))?);
                }
                results.push(item);
            }
            Ok(results)
        })
    }
}

fn object(
    blocks: &std::collections::BTreeMap<String, crate::schema::Block>,
    name: &str,
    config: &Json,
) -> Value {
    blocks
        .get(name)
        .unwrap_or_else(|| panic!("the provider has no {name} of this kind"))
        .object(config)
        .unwrap_or_else(|e| panic!("the block of {name}: {e}"))
}

/// One command over one block.
struct Run<'a> {
    cli: &'a Cli,
    subject: String,
    warnings: Vec<crate::Diagnostic>,
}

impl<'a> Run<'a> {
    fn new(cli: &'a Cli, subject: String) -> Run<'a> {
        Run {
            cli,
            subject,
            warnings: Vec::new(),
        }
    }

    /// Notes the warnings, and gives up on anything worse.
    fn keep<T>(&mut self, answer: Answer<T>) -> Result<T, Failed> {
        if answer.is_err() {
            return Err(Box::new(answer.failure(&self.subject)));
        }
        self.warnings.extend(answer.diagnostics.iter().cloned());
        answer
            .value
            .ok_or_else(|| Box::new(Failure::empty(&self.subject, answer.rpc)))
    }

    fn lost(&self, text: String) -> Failed {
        let mut failure = Failure::empty(&self.subject, "start");
        failure.status = Some(crate::wire::Status {
            code: tonic::Code::Unavailable,
            message: text,
        });
        Box::new(failure)
    }

    fn configured<T>(
        &mut self,
        phase: Phase,
        body: impl FnOnce(&mut Run<'a>, &Session) -> Result<T, Failed>,
    ) -> Result<WithWarnings<T>, Failed> {
        let session = self.cli.session(phase).map_err(|e| self.lost(e))?;
        let config = self.cli.provider_value(session.schemas(), phase);
        self.finish(session, |run, session| {
            run.keep(session.validate_provider(&config))?;
            run.keep(session.configure(&config))?;
            body(run, session)
        })
    }

    fn validate(&mut self, body: impl FnOnce(&Session) -> Answer<()>) -> Result<(), Failed> {
        let session = self
            .cli
            .session(Phase::Validate)
            .map_err(|e| self.lost(e))?;
        self.finish(session, |run, session| run.keep(body(session)))
            .map(|_| ())
    }

    fn finish<T>(
        &mut self,
        session: Session,
        body: impl FnOnce(&mut Run<'a>, &Session) -> Result<T, Failed>,
    ) -> Result<WithWarnings<T>, Failed> {
        let outcome = body(self, &session);
        let ended = session.wire().end();
        let value = outcome?;
        ended.map_err(|e| self.lost(e))?;
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.dedup();
        Ok(WithWarnings { value, warnings })
    }
}
