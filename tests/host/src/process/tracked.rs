//! Starts processes and remembers them, so that a test can look at, stop or kill what a command
//! started.

use std::sync::{Arc, Mutex};

use super::{Launch, Process, lock};
use crate::wire::{Spawn, Wire};

/// A start that keeps every process that came of it.
pub struct Tracked {
    launch: Launch,
    processes: Mutex<Vec<Arc<Process>>>,
}

impl Tracked {
    /// Starts processes so.
    pub fn new(launch: Launch) -> Arc<Tracked> {
        Arc::new(Tracked {
            launch,
            processes: Mutex::new(Vec::new()),
        })
    }

    /// Every process that was started, in order.
    pub fn processes(&self) -> Vec<Arc<Process>> {
        lock(&self.processes).clone()
    }

    /// The process that was started last.
    pub fn last(&self) -> Option<Arc<Process>> {
        lock(&self.processes).last().cloned()
    }

    /// Everything that the processes wrote to stderr.
    pub fn stderr(&self) -> Vec<String> {
        let processes = self.processes();
        processes.iter().flat_map(|p| p.output().stderr()).collect()
    }
}

impl Spawn for Tracked {
    fn spawn(&self) -> Result<Arc<dyn Wire>, String> {
        let process = Arc::new(self.launch.start()?);
        lock(&self.processes).push(process.clone());
        Ok(process)
    }
}
