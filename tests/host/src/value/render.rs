//! Values as core prints them in its complaints about a provider.

use super::{Type, Value};

/// The Go form of a value, as in `cty.StringVal("x")`. `ty` is needed for nulls and unknowns.
pub fn go(value: &Value, ty: &Type) -> String {
    match (value, ty) {
        (Value::Null, _) => format!("cty.NullVal({})", go_type(ty)),
        (Value::Unknown(r), _) if r.is_empty() => format!("cty.UnknownVal({})", go_type(ty)),
        (Value::Unknown(r), _) => {
            let mut text = format!("cty.UnknownVal({}).Refine()", go_type(ty));
            if r.not_null {
                text.push_str(".NotNull()");
            }
            if let Some(prefix) = &r.prefix {
                text.push_str(&format!(".StringPrefixFull({prefix:?})"));
            }
            text + ".NewValue()"
        }
        (Value::Bool(true), _) => "cty.True".to_owned(),
        (Value::Bool(false), _) => "cty.False".to_owned(),
        (Value::Number(n), _) if n.is_integer() => {
            format!("cty.NumberIntVal({})", n.to_plain_string())
        }
        (Value::Number(n), _) => format!("cty.MustParseNumberVal(\"{}\")", n.to_plain_string()),
        (Value::String(text), _) => format!("cty.StringVal({text:?})"),
        (Value::Sequence(items), _) => {
            let inner: Vec<_> = items
                .iter()
                .enumerate()
                .map(|(i, item)| go(item, element(ty, i)))
                .collect();
            let kind = match ty {
                Type::Set(_) => "Set",
                Type::Tuple(_) => "Tuple",
                _ => "List",
            };
            format!("cty.{kind}Val([]cty.Value{{{}}})", inner.join(", "))
        }
        (Value::Mapping(items), _) => {
            let inner: Vec<_> = items
                .iter()
                .map(|(k, item)| format!("{k:?}:{}", go(item, attribute(ty, k))))
                .collect();
            let kind = match ty {
                Type::Map(_) => "Map",
                _ => "Object",
            };
            format!(
                "cty.{kind}Val(map[string]cty.Value{{{}}})",
                inner.join(", ")
            )
        }
        (Value::Dynamic(inner), _) => go(&inner.1, &inner.0),
    }
}

pub(crate) fn element(ty: &Type, index: usize) -> &Type {
    match ty {
        Type::List(of) | Type::Set(of) => of,
        Type::Tuple(types) => types.get(index).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

pub(crate) fn attribute<'a>(ty: &'a Type, name: &str) -> &'a Type {
    match ty {
        Type::Map(of) => of,
        Type::Object(types) => types.get(name).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

fn go_type(ty: &Type) -> String {
    match ty {
        Type::Bool => "cty.Bool".to_owned(),
        Type::Number => "cty.Number".to_owned(),
        Type::String => "cty.String".to_owned(),
        Type::Dynamic => "cty.DynamicPseudoType".to_owned(),
        Type::List(of) => format!("cty.List({})", go_type(of)),
        Type::Set(of) => format!("cty.Set({})", go_type(of)),
        Type::Map(of) => format!("cty.Map({})", go_type(of)),
        Type::Tuple(types) => {
            let inner: Vec<_> = types.iter().map(go_type).collect();
            format!("cty.Tuple([]cty.Type{{{}}})", inner.join(", "))
        }
        Type::Object(types) => {
            let inner: Vec<_> = types
                .iter()
                .map(|(k, of)| format!("{k:?}:{}", go_type(of)))
                .collect();
            format!("cty.Object(map[string]cty.Type{{{}}})", inner.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_go() {
        assert_eq!(
            go(&Value::string("a"), &Type::String),
            r#"cty.StringVal("a")"#
        );
        assert_eq!(go(&Value::Null, &Type::Bool), "cty.NullVal(cty.Bool)");
        assert_eq!(
            go(&Value::unknown(), &Type::List(Box::new(Type::Number))),
            "cty.UnknownVal(cty.List(cty.Number))"
        );
    }
}
