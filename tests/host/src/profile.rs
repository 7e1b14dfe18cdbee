//! The CLIs: what each sends, and what it knows. From recordings of the releases.

use crate::proto::ClientCapabilities;

/// A CLI release. The differences are recorded ones, not taken from changelogs.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// A short name, T for Terraform and O for OpenTofu.
    pub name: &'static str,
    /// What it sends as `terraform_version`. OpenTofu 1.12 claims to be Terraform 1.13.
    pub terraform_version: &'static str,
    /// The registry host of its default namespace.
    pub registry: &'static str,
    /// Knows write-only attributes, and says so.
    pub write_only: bool,
    /// Says `deferral_allowed` in the apply phase of every ordinary command.
    pub deferral_in_apply: bool,
    /// Says `deferral_allowed` in the plan phase, as with `-allow-deferral` of experimental builds.
    pub deferral_in_plan: bool,
    /// Asks for identity schemas, and sends and keeps identities.
    pub identity: bool,
    /// Sends the old object's identity with the second plan of a replacement.
    pub old_identity_in_replacement: bool,
    /// Heeds `get_provider_schema_optional`: asks for the schema in the first process only.
    pub schema_once: bool,
    /// Plans the destruction of objects.
    pub plan_destroy: bool,
    /// Upgrades the state once more just before an update is applied.
    pub upgrade_before_update: bool,
    /// Starts and configures one more process in an apply that has nothing to do.
    pub configure_when_idle: bool,
    /// Says `write_only_attributes_allowed` at `OpenEphemeralResource` too.
    pub write_only_in_open: bool,
    /// Knows list resources and actions.
    pub lists_and_actions: bool,
    /// Knows `moved` across resource types.
    pub moves: bool,
    /// Upgrades a moved state once more.
    pub upgrades_moved: bool,
    /// Knows import blocks.
    pub import_blocks: bool,
    /// Gives back the planned private data when it plans an object again, and says so.
    pub planned_private: bool,
    /// Says `computed_blocks_allowed`.
    pub computed_blocks: bool,
}

const OLD: Profile = Profile {
    name: "T1.0",
    terraform_version: "1.0.11",
    registry: "registry.terraform.io",
    write_only: false,
    deferral_in_apply: false,
    deferral_in_plan: false,
    identity: false,
    old_identity_in_replacement: false,
    schema_once: false,
    plan_destroy: false,
    upgrade_before_update: true,
    configure_when_idle: false,
    write_only_in_open: false,
    lists_and_actions: false,
    moves: false,
    upgrades_moved: false,
    import_blocks: false,
    planned_private: false,
    computed_blocks: false,
};

impl Profile {
    /// Terraform 1.0.11, the first series with protocol 6.
    pub const T1_0: Profile = OLD;
    /// Terraform 1.5.7.
    pub const T1_5: Profile = Profile {
        name: "T1.5",
        terraform_version: "1.5.7",
        plan_destroy: true,
        upgrade_before_update: false,
        import_blocks: true,
        ..OLD
    };
    /// Terraform 1.8.5.
    pub const T1_8: Profile = Profile {
        name: "T1.8",
        terraform_version: "1.8.5-dev",
        schema_once: true,
        moves: true,
        upgrades_moved: true,
        ..Profile::T1_5
    };
    /// Terraform 1.11.4.
    pub const T1_11: Profile = Profile {
        name: "T1.11",
        terraform_version: "1.11.4",
        write_only: true,
        deferral_in_apply: true,
        configure_when_idle: true,
        ..Profile::T1_8
    };
    /// Terraform 1.15.9.
    pub const T1_15: Profile = Profile {
        name: "T1.15",
        terraform_version: "1.15.9",
        identity: true,
        old_identity_in_replacement: true,
        lists_and_actions: true,
        ..Profile::T1_11
    };
    /// Terraform 1.16.0-rc2, which calls itself 1.16.0-dev.
    pub const T1_16: Profile = Profile {
        name: "T1.16",
        terraform_version: "1.16.0-dev",
        planned_private: true,
        computed_blocks: true,
        ..Profile::T1_15
    };
    /// OpenTofu 1.6.3.
    pub const O1_6: Profile = Profile {
        name: "O1.6",
        terraform_version: "1.6.3-dev",
        registry: "registry.opentofu.org",
        schema_once: true,
        ..Profile::T1_5
    };
    /// OpenTofu 1.12.6.
    pub const O1_12: Profile = Profile {
        name: "O1.12",
        terraform_version: "1.13.0",
        registry: "registry.opentofu.org",
        write_only: true,
        identity: true,
        schema_once: true,
        write_only_in_open: true,
        moves: true,
        ..Profile::T1_5
    };

    /// All of them.
    pub const ALL: [Profile; 8] = [
        Profile::T1_0,
        Profile::T1_5,
        Profile::T1_8,
        Profile::T1_11,
        Profile::T1_15,
        Profile::T1_16,
        Profile::O1_6,
        Profile::O1_12,
    ];

    /// The same CLI with `-allow-deferral`.
    #[must_use]
    pub fn allowing_deferral(self) -> Profile {
        Profile {
            deferral_in_plan: true,
            ..self
        }
    }

    /// What it says of itself in the calls that carry capabilities, in the plan or the apply phase.
    pub fn capabilities(&self, apply: bool) -> Option<ClientCapabilities> {
        self.write_only.then_some(ClientCapabilities {
            deferral_allowed: if apply {
                self.deferral_in_apply
            } else {
                self.deferral_in_plan
            },
            write_only_attributes_allowed: true,
            store_planned_private: self.planned_private,
            computed_blocks_allowed: self.computed_blocks,
        })
    }
}
