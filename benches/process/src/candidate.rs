//! Who is measured.

use std::path::PathBuf;

use crate::Error;
use crate::arguments::Arguments;

/// The name of the binary, as Terraform looks for it.
pub(crate) const BINARY: &str = "terraform-provider-immuta";

/// A provider that manages `immuta_webhook`.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) who: Who,
    pub(crate) binary: PathBuf,
}

/// Which one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Ours,
    Reference,
}

impl Who {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Who::Ours => "this provider",
            Who::Reference => "Go reference",
        }
    }
}

impl Provider {
    /// Whether it is linked to the system's C library when it starts, as a plain `cargo build` makes it; what is
    /// published for Linux is not.
    pub(crate) fn is_dynamic(&self) -> Result<bool, Error> {
        let binary = std::fs::read(&self.binary)?;
        let interpreter = b"/ld-linux";
        Ok(binary
            .windows(interpreter.len())
            .any(|bytes| bytes == interpreter))
    }

    /// Ours, and the reference provider where one is given.
    pub(crate) fn candidates(arguments: &Arguments) -> Result<Vec<Provider>, Error> {
        let ours = match &arguments.provider {
            Some(binary) => binary.clone(),
            None => std::env::current_exe()?.with_file_name(BINARY),
        };
        let given = [
            (Who::Ours, Some(ours)),
            (Who::Reference, arguments.reference.clone()),
        ];
        given
            .into_iter()
            .filter_map(|(who, binary)| Some((who, binary?)))
            .map(|(who, binary)| {
                let binary = binary
                    .canonicalize()
                    .map_err(|error| format!("{}: {error}", binary.display()))?;
                Ok(Provider { who, binary })
            })
            .collect()
    }
}
