//! Core's checks of what a provider answers, as pure functions over values, for objects without
//! nested blocks, as this provider has them.
//!
//! Each gives the complaints that core would print. Where core accepts something silently that
//! harms the user (an identity or private data forgotten), the complaint is marked
//! [`Law::Silent`](crate::diagnostic::Law). `tests/violations` tries each over a session.

use crate::diagnostic::{Violation, path};
use crate::proto;
use crate::proto::attribute_path::step::Selector;
use crate::schema::{Attribute, Block};
use crate::value::{Type, Value, ValueExt as _};

const INVALID_OBJECT: &str = "Provider produced invalid object";
const INVALID_PLAN: &str = "Provider produced invalid plan";
const INVALID_RESULT: &str = "Provider returned invalid result object after apply";
const INVALID_IDENTITY: &str = "Provider produced invalid identity";

fn show(attribute: &Attribute, value: &Value) -> String {
    match attribute.sensitive {
        true => "(sensitive)".to_owned(),
        false => value.to_test_json().to_string(),
    }
}

/// Complains about each write-only attribute that has a value. `summary` and `when` are what core
/// prints at that call, as in "during planning".
pub(crate) fn write_only(
    address: &str,
    block: &Block,
    value: &Value,
    summary: &str,
    when: &str,
) -> Vec<Violation> {
    let set = block
        .attributes
        .iter()
        .filter(|(name, attribute)| attribute.write_only && !value.attribute(name).is_null());
    set.map(|(name, _)| {
        let text = format!(
            "returned a value for the write-only attribute \"{address}.{name}\" {when}. Write-only attributes cannot be read back from the provider."
        );
        Violation::core(summary, text)
    })
    .collect()
}

/// A state that was read or moved is known and holds no write-only value.
pub(crate) fn state(address: &str, block: &Block, new: &Value) -> Vec<Violation> {
    let mut found = write_only(address, block, new, INVALID_OBJECT, "during refresh");
    if new.contains_unknown() {
        found.push(Violation::core(
            INVALID_OBJECT,
            format!(
                "planned an invalid value for {address} during refresh: The returned state contains unknown values."
            ),
        ));
    }
    found
}

/// An upgraded state is known, not null, and holds no write-only value.
pub(crate) fn upgraded(address: &str, block: &Block, new: &Value) -> Vec<Violation> {
    const SUMMARY: &str = "Invalid resource state upgrade";
    let mut found = write_only(address, block, new, SUMMARY, "during upgrade");
    if new.contains_unknown() {
        found.push(Violation::core(
            SUMMARY,
            format!("The upgraded state of {address} contains unknown values."),
        ));
    }
    if new.is_null() {
        found.push(Violation::silent(
            SUMMARY,
            format!("nothing was returned for {address}; core then reads a null state."),
        ));
    }
    found
}

/// Private data must be echoed: core forgets what an answer leaves out.
pub(crate) fn private(address: &str, before: &[u8], after: &[u8], new: &Value) -> Vec<Violation> {
    if before.is_empty() || !after.is_empty() || new.is_null() {
        return Vec::new();
    }
    vec![Violation::silent(
        "Private data dropped",
        format!("the read of {address} returned none, so that core forgets what it held."),
    )]
}

/// Whether the planned object may be planned for this prior state and configuration. A CLI that
/// knows write-only attributes lets them be null where they are configured; an older one does not.
pub(crate) fn plan(
    address: &str,
    block: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
    knows_write_only: bool,
) -> Vec<Violation> {
    let invalid = |text: String| {
        Violation::core(
            INVALID_PLAN,
            format!("planned an invalid value for {address}{text}."),
        )
    };
    if planned.is_null() {
        return vec![invalid(
            ": planned for absence but config wants existence".to_owned(),
        )];
    }
    let mut found = Vec::new();
    for (name, attribute) in &block.attributes {
        let value = |of: &Value| of.attribute(name).clone();
        let (prior, config, planned) = (value(prior), value(config), value(planned));
        let kept = !config.is_null() && !prior.is_null() && planned == prior;
        let computed = config.is_null() && attribute.computed;
        let write_only = attribute.write_only && knows_write_only;
        if planned == config || kept || computed || write_only {
            continue;
        }
        let text = match config.is_null() {
            true => "for a non-computed attribute".to_owned(),
            false => format!(
                "does not match config value {} nor prior value {}",
                show(attribute, &config),
                show(attribute, &prior)
            ),
        };
        let planned = show(attribute, &planned);
        found.push(invalid(format!(".{name}: planned value {planned} {text}")));
    }
    found
}

/// A plan to destroy must be null.
pub(crate) fn destroy(address: &str, planned: &Value) -> Vec<Violation> {
    if planned.is_null() {
        return Vec::new();
    }
    vec![Violation::core(
        INVALID_PLAN,
        format!("planned a non-null destroy value for {address}"),
    )]
}

/// What `requires_replace` comes to: the attributes that really changed, which force a replacement,
/// and a complaint for each path that names none.
pub(crate) fn requires_replace(
    address: &str,
    prior: &Value,
    planned: &Value,
    paths: &[proto::AttributePath],
) -> (Vec<String>, Vec<Violation>) {
    let mut changed = Vec::new();
    let mut violations = Vec::new();
    for steps in paths.iter().filter(|_| !prior.is_null()) {
        let name = path(steps);
        match (prior.get(&name), planned.get(&name)) {
            (Some(before), Some(after)) => {
                if after.contains_unknown() || before != after {
                    changed.push(name);
                }
            }
            _ => violations.push(Violation::core(
                INVALID_PLAN,
                format!(
                    "has indicated \"requires replacement\" on {address} for a non-existent attribute path {name}"
                ),
            )),
        }
    }
    (changed, violations)
}

/// Whether the plan that is made in apply agrees with the one that the user saw.
pub(crate) fn second_plan(
    address: &str,
    block: &Block,
    first: &Value,
    second: &Value,
) -> Vec<Violation> {
    let differences = differences(block, first, second).into_iter();
    differences
        .map(|text| {
            Violation::core(
                "Provider produced inconsistent final plan",
                format!("invalid new value for {address}{text}."),
            )
        })
        .collect()
}

/// Where `actual` contradicts what was known in `planned`.
fn differences(block: &Block, planned: &Value, actual: &Value) -> Vec<String> {
    match (planned.is_null(), actual.is_null()) {
        (true, true) => return Vec::new(),
        (true, false) => return vec![": Root object was absent, but now present".to_owned()],
        (false, true) => return vec![": Root object was present, but now absent".to_owned()],
        (false, false) => {}
    }
    let attributes = block.attributes.iter().filter_map(|(name, attribute)| {
        let (was, is) = (planned.attribute(name), actual.attribute(name));
        let same = was.is_unknown() || was == is;
        let (was, is) = (show(attribute, was), show(attribute, is));
        (!same).then(|| format!(".{name}: was {was}, but now {is}"))
    });
    attributes.collect()
}

/// Whether the new state may follow from the plan. With an error of the provider's own core looks
/// only at unknowns and write-only values.
pub(crate) fn apply(
    address: &str,
    block: &Block,
    planned: &Value,
    new: &Value,
    provider_error: bool,
) -> Vec<Violation> {
    let mut found = write_only(address, block, new, INVALID_OBJECT, "after apply");
    if new.contains_unknown() {
        found.push(Violation::core(
            INVALID_RESULT,
            format!(
                "After the apply operation, the provider still indicated an unknown value for {address}. All values must be known after apply."
            ),
        ));
    }
    if provider_error {
        return found;
    }
    if planned.is_null() && !new.is_null() {
        found.push(Violation::core(
            INVALID_RESULT,
            format!(
                "After applying a Delete plan, the provider returned a non-null object for {address}."
            ),
        ));
        return found;
    }
    let known = new.clone().unknown_as_null();
    let differences = differences(block, planned, &known).into_iter();
    found.extend(differences.map(|text| {
        Violation::core(
            "Provider produced inconsistent result after apply",
            format!(
                "When applying changes to {address}, provider produced an unexpected new value{text}."
            ),
        )
    }));
    found
}

/// What the identity of an answer must be. `prior` is the identity that core sent, `object` what
/// the answer says of the object.
pub(crate) fn identity(
    address: &str,
    prior: &Value,
    identity: &Value,
    object: &Value,
) -> Vec<Violation> {
    let violation = if identity.contains_unknown() {
        Violation::core(
            INVALID_IDENTITY,
            format!("returned an identity with unknown values for {address}."),
        )
    } else if object.is_null() {
        return Vec::new();
    } else if identity.is_null() {
        Violation::silent(
            "Identity missing",
            format!("no identity of {address} was returned: core keeps none."),
        )
    } else if !prior.is_null() && prior != identity {
        Violation::silent(
            "Identity changed",
            format!("the identity of {address} is not the one that it had."),
        )
    } else {
        return Vec::new();
    };
    vec![violation]
}

/// A planned identity is the prior one of an update; a create has none yet, or a known one.
pub(crate) fn planned_identity(
    address: &str,
    prior: &Value,
    identity: &Value,
    create: bool,
) -> Vec<Violation> {
    let same = prior == identity;
    let violation = if identity.contains_unknown() {
        Violation::core(
            INVALID_IDENTITY,
            format!("planned an identity with unknown values for {address}."),
        )
    } else if prior.is_null() || create != same {
        return Vec::new();
    } else if create {
        Violation::silent(
            "Identity of the replaced object",
            format!("the plan of the new {address} has the identity of the old one."),
        )
    } else {
        Violation::silent(
            "Identity changed",
            format!("the plan of {address} does not keep its identity."),
        )
    };
    vec![violation]
}

/// One object that an import returned.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its type name.
    pub type_name: String,
    /// Its state, decoded by the schema of the type that was asked for.
    pub state: Value,
    /// Its private data.
    pub private: Vec<u8>,
    /// Its identity, null where there is none.
    pub identity: Value,
}

/// An import gives exactly one object, of the type that was asked for, not null, and known; with an
/// identity where it was asked for by one.
pub(crate) fn import(
    address: &str,
    type_name: &str,
    block: &Block,
    imported: &[Imported],
    by_identity: bool,
) -> Vec<Violation> {
    const INVALID: &str = "Provider produced an invalid import";
    let mut found = Vec::new();
    let mut complain = |summary: &str, text: &str| {
        found.push(Violation::core(summary, format!("{address}: {text}")));
    };
    match imported.len() {
        0 => complain("Import returned no resources", "there is no instance state"),
        1 => {}
        _ => complain(
            "Multiple import states not supported",
            "there are multiple resource instance states",
        ),
    }
    for object in imported {
        if object.type_name != type_name {
            complain(INVALID, "unknown resource type");
        }
        if object.state.is_null() {
            complain(
                "Import returned null resource",
                "an instance without a state",
            );
        }
        if object.state.contains_unknown() {
            complain(INVALID, "unknown values in the state");
        }
        if by_identity && object.identity.is_null() {
            complain(INVALID, "the import didn't return an identity");
        }
        if object.identity.contains_unknown() {
            complain(INVALID_IDENTITY, "unknown values in the identity");
        }
    }
    for object in imported {
        let summary = "Import returned a non-null value for a write-only attribute";
        found.extend(write_only(
            address,
            block,
            &object.state,
            summary,
            "during import",
        ));
    }
    found
}

/// The state of a data source, or the result of an ephemeral resource: an object that is wholly
/// known and holds what was configured as it was configured. At the last core does not look for data
/// sources, and the user finds a value in state that is not the one in HCL.
pub(crate) fn result(
    address: &str,
    block: &Block,
    config: &Value,
    value: &Value,
) -> Vec<Violation> {
    if value.is_null() {
        return vec![Violation::core(
            "Provider produced null object",
            format!("produced a null value for {address}."),
        )];
    }
    let mut found = Vec::new();
    if value.contains_unknown() {
        found.push(Violation::core(
            INVALID_OBJECT,
            format!("produced a value for {address} that is not wholly known."),
        ));
    }
    for (name, attribute) in &block.attributes {
        let (configured, given) = (config.attribute(name), value.attribute(name));
        let allowed = configured == given
            || configured.is_unknown()
            || attribute.write_only
            || (configured.is_null() && attribute.computed);
        if !allowed {
            let (given, configured) = (show(attribute, given), show(attribute, configured));
            found.push(Violation::silent(
                INVALID_OBJECT,
                format!("{address}.{name}: {given} where {configured} is configured"),
            ));
        }
    }
    found
}

/// Generated configuration can be used as it is: what is required is there, and nothing that cannot
/// be configured, is a secret or is not known.
pub(crate) fn generated(type_name: &str, block: &Block, config: &Value) -> Vec<Violation> {
    const SUMMARY: &str = "Generated configuration";
    let when = "in generated configuration";
    let mut found = write_only(type_name, block, config, SUMMARY, when);
    for (name, attribute) in &block.attributes {
        let value = config.attribute(name);
        let text = if value.is_null() && attribute.required {
            "null where a value is required"
        } else if !value.is_null() && !attribute.optional && !attribute.required {
            "a value where none can be configured"
        } else if !value.is_null() && attribute.sensitive {
            "a secret"
        } else if value.contains_unknown() {
            "an unknown"
        } else {
            continue;
        };
        found.push(Violation::silent(SUMMARY, format!("{name}: {text}")));
    }
    found
}

/// Complains about each diagnostic that a CLI shows badly: it has a severity, a summary in form,
/// a detail, and a path, if any, that names an attribute.
pub(crate) fn diagnostics(block: &Block, diagnostics: &[proto::Diagnostic]) -> Vec<Violation> {
    let mut found = Vec::new();
    for diagnostic in diagnostics {
        let summary = &diagnostic.summary;
        let mut complain = |text: String| {
            let text = format!("{summary:?}: {text}");
            found.push(Violation::silent("Diagnostic out of form", text));
        };
        if diagnostic.severity() == proto::diagnostic::Severity::Invalid {
            complain("no severity".to_owned());
        }
        if summary.is_empty() || summary.contains('\n') || summary.ends_with('.') {
            complain("a summary is one line without a full stop".to_owned());
        }
        if diagnostic.detail.trim().is_empty() {
            complain("no detail".to_owned());
        }
        if let Some(attribute) = &diagnostic.attribute
            && !is_within(&block.ty(), &attribute.steps)
        {
            complain(format!("{} names no attribute", path(attribute)));
        }
    }
    found
}

fn is_within(ty: &Type, steps: &[proto::attribute_path::Step]) -> bool {
    let Some((first, rest)) = steps.split_first() else {
        return true;
    };
    match (&first.selector, ty) {
        (Some(Selector::AttributeName(name)), Type::Object(types)) => {
            types.get(name).is_some_and(|ty| is_within(ty, rest))
        }
        (Some(Selector::ElementKeyString(_)), Type::Map(of))
        | (Some(Selector::ElementKeyInt(_)), Type::List(of)) => is_within(of, rest),
        _ => false,
    }
}
