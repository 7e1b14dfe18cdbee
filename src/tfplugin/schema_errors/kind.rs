//! The kinds of blocks that have a schema, and what core does with each.

use std::fmt;

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tfplugin) enum Kind {
    Provider,
    Resource,
    DataSource,
    EphemeralResource,
    ListResource,
    Action,
}

impl Kind {
    /// What core takes for itself in such a block. The arguments of a list and of an action have a block of their own.
    pub(super) fn meta_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &[
                "alias",
                "count",
                "depends_on",
                "for_each",
                "lifecycle",
                "locals",
                "source",
                "version",
            ],
            Self::Resource | Self::DataSource | Self::EphemeralResource => &[
                "connection",
                "count",
                "depends_on",
                "for_each",
                "lifecycle",
                "locals",
                "provider",
                "provisioner",
            ],
            Self::ListResource | Self::Action => &[],
        }
    }

    /// Whether core keeps a write-only value out of what it stores, and takes an ephemeral value for one.
    pub(super) fn takes_write_only(self) -> bool {
        matches!(self, Self::Resource | Self::Action)
    }

    /// Whether what the user wrote goes back to core, which compares it.
    pub(super) fn returns_arguments(self) -> bool {
        matches!(
            self,
            Self::Resource | Self::DataSource | Self::EphemeralResource
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provider => "provider",
            Self::Resource => "resource",
            Self::DataSource => "data",
            Self::EphemeralResource => "ephemeral",
            Self::ListResource => "list",
            Self::Action => "action",
        })
    }
}
