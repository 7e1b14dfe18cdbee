//! What is tried, one function for each scenario, a file for each subject.

use terraform_cli::{Needs, Workspace};

/// One scenario.
pub(crate) struct Scenario {
    /// Its function's name.
    pub(crate) name: &'static str,
    /// Which CLIs can run it.
    pub(crate) needs: Needs,
    /// Runs it in a workspace of its own; a panic is a failure.
    pub(crate) run: fn(&Workspace),
}

/// Lists the scenarios of a file by what they need.
macro_rules! scenarios {
    ($($needs:expr => [$($name:ident),+ $(,)?]),+ $(,)?) => {
        /// The scenarios of this file.
        pub(super) const SCENARIOS: &[$crate::scenarios::Scenario] = &[$($(
            $crate::scenarios::Scenario { name: stringify!($name), needs: $needs, run: $name },
        )+)+];
    };
}

mod configuration;
mod delivery_test;
mod drift;
mod ephemeral;
mod failures;
mod functions;
mod import;
mod killed;
mod leaks;
mod lifecycle;
mod lookups;
mod newest;
mod unknown_outcomes;
mod validation;
mod write_only;

/// `check` and `import` blocks came with these versions.
const BLOCKS: Needs = Needs::versions((1, 5), (1, 6));

/// `terraform_data` came with these versions.
const TERRAFORM_DATA: Needs = Needs::versions((1, 4), (1, 6));

/// Write-only attributes came with these versions.
const WRITE_ONLY: Needs = Needs::versions((1, 11), (1, 11));

/// Ephemeral resources and variables came with these versions.
const EPHEMERAL: Needs = Needs::versions((1, 10), (1, 11));

/// Provider functions came with these versions.
const FUNCTIONS: Needs = Needs::versions((1, 8), (1, 7));

/// Resource identity came with these versions.
const IDENTITY: Needs = Needs::versions((1, 12), (1, 12));

/// `terraform query` and actions came with this version; OpenTofu has neither.
const QUERY_AND_ACTIONS: Needs = Needs {
    terraform: Some((1, 14)),
    tofu: None,
};

/// `caller`, more events and `on_failure` of actions, and import blocks in modules came with this version.
const TERRAFORM_1_16: Needs = Needs {
    terraform: Some((1, 16)),
    tofu: None,
};

/// `destroy = false` in a `lifecycle` block came with these versions.
const LIFECYCLE_DESTROY: Needs = Needs::versions((1, 16), (1, 12));

/// Every scenario.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        lifecycle::SCENARIOS,
        drift::SCENARIOS,
        import::SCENARIOS,
        configuration::SCENARIOS,
        unknown_outcomes::SCENARIOS,
        validation::SCENARIOS,
        write_only::SCENARIOS,
        delivery_test::SCENARIOS,
        lookups::SCENARIOS,
        functions::SCENARIOS,
        ephemeral::SCENARIOS,
        newest::SCENARIOS,
        failures::SCENARIOS,
        killed::SCENARIOS,
        leaks::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
