//! Core's checks of what a provider answers, as pure functions over values.
//!
//! Each gives the complaints that core would print. Where core accepts something silently that
//! harms the user (an identity or private data forgotten), the complaint is marked
//! [`Law::Silent`](crate::diagnostic::Law).

pub mod apply;
pub mod compatible;
pub mod identity;
pub mod import;
pub mod messages;
pub mod plan;
pub mod read;
pub mod result;
pub mod write_only;

#[cfg(test)]
pub(crate) mod fixtures {
    use crate::schema::{Attribute, Block};
    use crate::value::Type;

    pub(crate) fn attribute(ty: Type) -> Attribute {
        Attribute {
            ty,
            nested: None,
            required: false,
            optional: true,
            computed: false,
            sensitive: false,
            write_only: false,
            description: String::new(),
        }
    }

    /// The resource of the recordings.
    pub(crate) fn webhook() -> Block {
        let mut block = Block::default();
        let mut add = |name: &str, attribute: Attribute| {
            block.attributes.insert(name.to_owned(), attribute);
        };
        let computed = |ty| Attribute {
            optional: false,
            computed: true,
            ..attribute(ty)
        };
        add("id", computed(Type::String));
        add(
            "url",
            Attribute {
                optional: false,
                required: true,
                ..attribute(Type::String)
            },
        );
        add(
            "verify_tls",
            Attribute {
                computed: true,
                ..attribute(Type::Bool)
            },
        );
        add(
            "signing_key",
            Attribute {
                sensitive: true,
                ..attribute(Type::String)
            },
        );
        add(
            "signing_key_wo",
            Attribute {
                sensitive: true,
                write_only: true,
                ..attribute(Type::String)
            },
        );
        add("signing_key_wo_version", attribute(Type::Number));
        add("signing_key_set", computed(Type::Bool));
        add("suppressed", computed(Type::Bool));
        block
    }
}
