//! The steps of a sequence, made from a seed alone: what comes next depends on what is configured,
//! never on what a run came to, so a prefix of a sequence is a sequence too.

use std::fmt;
use std::time::Duration;

use immuta_simulator::{Fault, FaultKind, On, PutStyle, Reply, Route};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::model::{Config, Key, Resource};

/// Longer than an attempt may take, and shorter than two.
pub(crate) const LATE: Duration = Duration::from_millis(1500);

/// A change that somebody makes outside of Terraform.
#[derive(Clone, Debug)]
pub(crate) enum Outside {
    Url(String),
    VerifyTls,
    RemoveKey,
    /// Where no key is managed.
    AddKey,
    Delete,
    /// A webhook of somebody else, with one of our urls.
    Stranger(String),
}

/// What is run.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Apply {
        refresh: bool,
        target: Option<String>,
        replace: Option<String>,
        parallelism: u32,
    },
    /// A plan is saved, and applied after the outside change.
    SavedPlan,
    RefreshOnly,
    Destroy,
    /// Imports a stranger, where one has the url of a resource that is not in state.
    Import,
    /// Without faults: what is named is resolved, then one apply makes everything as configured.
    Settle,
}

/// What ends a command early.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Interruption {
    KillProvider,
    KillCli,
    /// SIGINT to the group: Ctrl-C.
    Interrupt,
    /// SIGTERM to the group: `timeout`, CI runners.
    TerminateGroup,
    /// SIGTERM to the CLI alone.
    TerminateCli,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) config: Config,
    /// An address by its place among those in state, and the change.
    pub(crate) outside: Option<(usize, Outside)>,
    pub(crate) command: Command,
    pub(crate) faults: Vec<Fault>,
    /// What, and after how many requests.
    pub(crate) interruption: Option<(Interruption, usize)>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.command, self.config)?;
        if let Some((_, outside)) = &self.outside {
            write!(f, "| outside: {outside:?} ")?;
        }
        for fault in &self.faults {
            let times = fault.times.map_or("every".to_owned(), |n| n.to_string());
            let on = fault.on.route.map(|route| format!("{route:?}"));
            let on = on.or(fault.on.method.clone()).unwrap_or_default();
            let (kind, from) = (fault.kind.name(), fault.on.from);
            write!(f, "| {times} {on} from {from}: {kind} ")?;
        }
        if let Some((interruption, after)) = self.interruption {
            write!(f, "| {interruption:?} after request {after}")?;
        }
        Ok(())
    }
}

/// A sequence and the deployment that it meets.
pub(crate) struct Sequence {
    pub(crate) steps: Vec<Step>,
    pub(crate) deployment: Deployment,
}

/// What a deployment may do differently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deployment {
    pub(crate) put: PutStyle,
    pub(crate) normalize_url: bool,
    pub(crate) omit_defaults: bool,
    pub(crate) extra_fields: bool,
    /// A call that it has no route for, and the status of its answer.
    pub(crate) absent: Option<(Route, u16)>,
}

/// The sequence of a seed.
pub(crate) fn sequence(seed: u64, length: usize, write_only: bool) -> Sequence {
    let mut random = Random {
        rng: StdRng::seed_from_u64(seed),
        config: Config::default(),
        before: Config::default(),
        names: 0,
        keys: 0,
        write_only,
    };
    for _ in 0..4 {
        random.edit();
    }
    let deployment = Deployment {
        put: match random.one_in(4) {
            true => PutStyle::Full,
            false => PutStyle::Partial,
        },
        normalize_url: random.one_in(6),
        omit_defaults: random.one_in(6),
        extra_fields: random.one_in(6),
        absent: random.one_in(4).then(|| random.absent()),
    };
    Sequence {
        steps: (0..length).map(|_| random.step()).collect(),
        deployment,
    }
}

struct Random {
    rng: StdRng,
    config: Config,
    /// The configuration before its last changes, for a change of mind.
    before: Config,
    names: u32,
    keys: u32,
    write_only: bool,
}

impl Random {
    fn one_in(&mut self, n: u32) -> bool {
        self.rng.random_ratio(1, n)
    }

    /// One of the two ways to read a webhook.
    fn absent(&mut self) -> (Route, u16) {
        let route = [Route::Get, Route::List][self.rng.random_range(0..2)];
        (route, [404, 405, 501][self.rng.random_range(0..3)])
    }

    fn url(&mut self) -> String {
        format!("https://hooks.example.com/{}", self.rng.random_range(0..6))
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("w{}", self.names)
    }

    /// A key of its own, or none.
    fn key(&mut self) -> Key {
        self.keys += 1;
        match self.rng.random_range(0..3) {
            0 => Key::None,
            1 if self.write_only => Key::WriteOnly(self.keys),
            _ => Key::Plain(self.keys),
        }
    }

    fn address(&mut self) -> Option<String> {
        let names: Vec<_> = self.config.resources.keys().cloned().collect();
        let name = names.choose(&mut self.rng)?;
        Some(format!("immuta_webhook.{name}"))
    }

    /// Two processes that create alike webhooks at once cannot tell them apart: those of the second
    /// provider get urls of their own there.
    fn keep_apart(&mut self) {
        let all = &self.config.resources;
        let like = |a: &Resource, b: &Resource| {
            (&a.url, a.verify_tls, a.key == Key::None) == (&b.url, b.verify_tls, b.key == Key::None)
        };
        let seconds = all.iter().filter(|(_, a)| {
            let alike = |b: &Resource| !b.second_provider && like(a, b);
            a.second_provider && all.values().any(alike)
        });
        for name in seconds.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            if let Some(resource) = self.config.resources.get_mut(&name) {
                resource.url.push_str("/second");
            }
        }
    }

    /// Changes the configuration in one place.
    fn edit(&mut self) {
        let names: Vec<_> = self.config.resources.keys().cloned().collect();
        let full = names.len() >= 6;
        match names.choose(&mut self.rng).cloned() {
            Some(name) if full || !self.one_in(3) => self.edit_one(&name),
            _ => {
                let (name, url, key) = (self.name(), self.url(), self.key());
                let resource = Resource {
                    url,
                    key,
                    verify_tls: !self.one_in(3),
                    create_before_destroy: self.one_in(3),
                    second_provider: self.one_in(3),
                };
                self.config.resources.insert(name, resource);
            }
        }
    }

    fn edit_one(&mut self, name: &str) {
        let (url, key, kind) = (self.url(), self.key(), self.rng.random_range(0..12));
        let Some(resource) = self.config.resources.get_mut(name) else {
            return;
        };
        match kind {
            0..=1 => resource.url = url,
            2 => resource.verify_tls ^= true,
            3..=7 => resource.key = key,
            8 => resource.create_before_destroy ^= true,
            9 => resource.second_provider ^= true,
            10 => {
                let renamed = resource.clone();
                let new = self.name();
                self.config.resources.remove(name);
                self.config.resources.insert(new.clone(), renamed);
                self.config.moved.push((name.to_owned(), new));
            }
            _ => {
                self.config.resources.remove(name);
            }
        }
    }

    fn outside(&mut self) -> (usize, Outside) {
        let change = match self.rng.random_range(0..6) {
            0 => Outside::Url(self.url()),
            1 => Outside::VerifyTls,
            2 => Outside::RemoveKey,
            3 => Outside::AddKey,
            4 => Outside::Delete,
            _ => Outside::Stranger(self.url()),
        };
        (self.rng.random_range(0..6), change)
    }

    fn command(&mut self) -> Command {
        match self.rng.random_range(0..20) {
            0..=2 => Command::SavedPlan,
            3 => Command::RefreshOnly,
            4 => Command::Destroy,
            5 => Command::Import,
            6..=8 => Command::Settle,
            _ => {
                let target = self.one_in(6).then(|| self.address()).flatten();
                let replace = self.one_in(5).then(|| self.address()).flatten();
                Command::Apply {
                    refresh: !self.one_in(6),
                    // What is replaced must be among the targets.
                    replace: replace.filter(|_| target.is_none()),
                    target,
                    parallelism: self.rng.random_range(1..=30),
                }
            }
        }
    }

    fn fault(&mut self) -> Fault {
        let status = [400, 401, 403, 409, 429, 500, 503];
        let status = *status.choose(&mut self.rng).expect("there are some");
        let mut kinds = FaultKind::samples(LATE);
        for kind in &mut kinds {
            if let FaultKind::Oversized(size) = kind {
                *size = 2 << 20;
            }
        }
        // Most of the time is otherwise spent waiting for what never comes.
        kinds.retain(|kind| !matches!(kind, FaultKind::Hang | FaultKind::HangAfter));
        kinds.extend([
            FaultKind::HangAfter,
            FaultKind::Status(Reply::error(status)),
            // What an API refuses it has not done.
            FaultKind::StatusAfter(Reply::error(503)),
            FaultKind::ResetAfter,
            FaultKind::ResetBefore,
        ]);
        let mut kind = kinds.choose(&mut self.rng).expect("there are some").clone();
        let route = self.rng.random_range(0..8);
        // Nobody could redact a key that only Immuta knows, as it does where none is sent.
        if matches!(kind, FaultKind::EchoSecrets(_)) && route > 4 {
            kind = FaultKind::Status(Reply::error(status));
        }
        let on = match route {
            0..=2 => On::from(Route::Create),
            3..=4 => Route::Update.into(),
            5 => Route::Delete.into(),
            6 => Route::List.into(),
            _ => On::method("GET"),
        };
        Fault {
            on: on.nth([1, 1, 1, 2, 3][self.rng.random_range(0..5)]),
            kind,
            times: [Some(1), Some(2), None][self.rng.random_range(0..3)],
        }
    }

    fn step(&mut self) -> Step {
        let now = self.config.clone();
        if self.one_in(5) {
            self.config.clone_from(&self.before);
        } else {
            for _ in 0..self.rng.random_range(1..=4) {
                self.edit();
            }
            self.keep_apart();
        }
        self.before = now;
        let outside = self.one_in(4).then(|| self.outside());
        let command = self.command();
        let settles = matches!(command, Command::Settle);
        let faults = match self.rng.random_range(0..5) {
            0..=1 if !settles => vec![self.fault()],
            2..=3 if !settles => vec![self.fault(), self.fault()],
            _ => Vec::new(),
        };
        let interrupted = !settles && self.one_in(4);
        let interruption = interrupted.then(|| {
            use Interruption::*;
            let all = [
                KillProvider,
                KillCli,
                Interrupt,
                TerminateGroup,
                TerminateCli,
            ];
            let one = all[self.rng.random_range(0..all.len())];
            (one, self.rng.random_range(1..=6))
        });
        Step {
            config: self.config.clone(),
            outside,
            command,
            faults,
            interruption,
        }
    }
}

/// A step that settles what is configured.
pub(crate) fn settle(config: &Config) -> Step {
    Step {
        config: config.clone(),
        outside: None,
        command: Command::Settle,
        faults: Vec::new(),
        interruption: None,
    }
}
