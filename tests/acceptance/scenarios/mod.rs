//! What is tried, one function for each scenario, a file for each subject.

use crate::cli::Needs;
use crate::workspace::Workspace;

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
mod examples;
mod failures;
mod import;
mod lifecycle;
mod validation;

/// `check` and `import` blocks came with these versions.
const BLOCKS: Needs = Needs::versions((1, 5), (1, 6));

/// `terraform_data` came with these versions.
const TERRAFORM_DATA: Needs = Needs::versions((1, 4), (1, 6));

/// Every scenario.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        lifecycle::SCENARIOS,
        drift::SCENARIOS,
        import::SCENARIOS,
        configuration::SCENARIOS,
        validation::SCENARIOS,
        delivery_test::SCENARIOS,
        failures::SCENARIOS,
        examples::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
