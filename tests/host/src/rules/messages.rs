//! Rules of diagnostics: a severity, a summary in form, and a path that names an attribute.

use crate::diagnostic::{Violation, path};
use crate::proto;
use crate::proto::attribute_path::step::Selector;
use crate::schema::{Attribute, Block, Nesting};
use crate::value::Type;

const SUMMARY: &str = "Diagnostic out of form";

/// Complains about each diagnostic that a CLI shows badly.
pub fn diagnostics(block: &Block, diagnostics: &[proto::Diagnostic]) -> Vec<Violation> {
    let mut found = Vec::new();
    for diagnostic in diagnostics {
        let summary = &diagnostic.summary;
        let mut complain = |text: String| {
            found.push(Violation::silent(SUMMARY, format!("{summary:?}: {text}")));
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
            && !names_attribute(block, &attribute.steps)
        {
            complain(format!("{} names no attribute", path(attribute)));
        }
    }
    found
}

fn names_attribute(block: &Block, steps: &[proto::attribute_path::Step]) -> bool {
    let Some((first, rest)) = steps.split_first() else {
        return true;
    };
    let Some(Selector::AttributeName(name)) = &first.selector else {
        return false;
    };
    if let Some(attribute) = block.attributes.get(name) {
        return within_attribute(attribute, rest);
    }
    let Some(nested) = block.blocks.get(name) else {
        return false;
    };
    match (nested.nesting, rest.split_first()) {
        (_, None) => true,
        (Nesting::Single | Nesting::Group, _) => names_attribute(&nested.block, rest),
        (_, Some((key, rest))) => {
            !matches!(key.selector, Some(Selector::AttributeName(_)) | None)
                && names_attribute(&nested.block, rest)
        }
    }
}

fn within_attribute(attribute: &Attribute, steps: &[proto::attribute_path::Step]) -> bool {
    within_type(&attribute.ty, steps)
}

fn within_type(ty: &Type, steps: &[proto::attribute_path::Step]) -> bool {
    let Some((first, rest)) = steps.split_first() else {
        return true;
    };
    match (&first.selector, ty) {
        (Some(Selector::AttributeName(name)), Type::Object(types)) => {
            types.get(name).is_some_and(|ty| within_type(ty, rest))
        }
        (Some(Selector::ElementKeyString(_)), Type::Map(of) | Type::Set(of)) => {
            within_type(of, rest)
        }
        (Some(Selector::ElementKeyInt(_)), Type::List(of) | Type::Set(of)) => within_type(of, rest),
        (Some(Selector::ElementKeyInt(index)), Type::Tuple(types)) => usize::try_from(*index)
            .ok()
            .and_then(|i| types.get(i))
            .is_some_and(|ty| within_type(ty, rest)),
        (_, Type::Dynamic) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::webhook;

    fn diagnostic(name: &str) -> proto::Diagnostic {
        proto::Diagnostic {
            severity: proto::diagnostic::Severity::Error.into(),
            summary: "Invalid url".to_owned(),
            detail: "It has no host.".to_owned(),
            attribute: Some(proto::AttributePath {
                steps: vec![proto::attribute_path::Step {
                    selector: Some(Selector::AttributeName(name.to_owned())),
                }],
            }),
        }
    }

    #[test]
    fn a_diagnostic_in_form_passes() {
        assert!(diagnostics(&webhook(), &[diagnostic("url")]).is_empty());
    }

    #[test]
    fn one_out_of_form_does_not() {
        let bad = [
            diagnostic("uri"),
            proto::Diagnostic {
                severity: 0,
                ..diagnostic("url")
            },
            proto::Diagnostic {
                summary: String::new(),
                ..diagnostic("url")
            },
            proto::Diagnostic {
                summary: "Invalid url.".to_owned(),
                ..diagnostic("url")
            },
            proto::Diagnostic {
                detail: " ".to_owned(),
                ..diagnostic("url")
            },
        ];
        for bad in bad {
            assert_eq!(
                diagnostics(&webhook(), std::slice::from_ref(&bad)).len(),
                1,
                "{bad:?}"
            );
        }
    }
}
