//! `terraform plan` and `terraform apply` over webhooks of the simulator, beside the same commands over as many
//! `terraform_data`, Terraform's own resource that needs no provider process: the baseline.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use immuta_simulator::Simulator;
use tempfile::TempDir;

use crate::Error;
use crate::arguments::Arguments;
use crate::candidate::{BINARY, Provider, Who};
use crate::start::{megabytes, millis};
use crate::stats::median;
use crate::usage::{self, Usage};

/// What one provider's commands came to; a time is what the command takes beyond the baseline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
    pub(crate) who: Who,
    pub(crate) plan_one_ms: f64,
    pub(crate) plan_some_ms: f64,
    pub(crate) plan_some_cpu_ms: f64,
    pub(crate) plan_many_cpu_ms: f64,
    pub(crate) plan_many_peak_mb: f64,
    pub(crate) plan_many_calls: usize,
    pub(crate) apply_some_ms: f64,
}

/// All of them, the baseline's own times, and how much of a core the simulator was using while the plan of the largest
/// number ran over the provider that calls it most.
#[derive(Clone, Debug)]
pub(crate) struct Commands {
    pub(crate) terraform: String,
    pub(crate) some: usize,
    pub(crate) many: usize,
    pub(crate) baseline_plan_one_ms: f64,
    pub(crate) baseline_plan_some_ms: f64,
    pub(crate) baseline_apply_some_ms: f64,
    pub(crate) providers: Vec<Costs>,
    pub(crate) simulator_share: f64,
}

/// Runs all commands, the candidates in turns.
pub(crate) fn measure(providers: &[Provider], arguments: &Arguments) -> Result<Commands, Error> {
    let rounds = arguments.rounds;
    let (some, many) = (arguments.numbers.some, arguments.numbers.many);

    let one_fields = Field::prepare(providers, arguments, 1)?;
    let plan_one = one_fields.times(rounds.one, Candidate::plan)?;
    drop(one_fields);

    let some_fields = Field::prepare(providers, arguments, some)?;
    let plan_some = some_fields.times(rounds.many, Candidate::plan)?;
    let plan_some_usage = some_fields.usages(rounds.many)?;
    let apply_some = some_fields.times(rounds.many, Candidate::apply_all)?;
    drop(some_fields);

    let many_fields = Field::prepare(providers, arguments, many)?;
    let plan_many_usage = many_fields.usages(rounds.many)?;

    let costs = providers.iter().enumerate().map(|(index, provider)| {
        let above = |times: &Times| times.above_baseline(index).ok_or("no rounds");
        let some_usage = plan_some_usage.get(index).ok_or("no rounds")?;
        let many_usage = plan_many_usage.get(index).ok_or("no rounds")?;
        Ok(Costs {
            who: provider.who,
            plan_one_ms: above(&plan_one)?,
            plan_some_ms: above(&plan_some)?,
            plan_some_cpu_ms: millis(some_usage.usage.cpu),
            plan_many_cpu_ms: millis(many_usage.usage.cpu),
            plan_many_peak_mb: megabytes(many_usage.usage.peak_kib),
            plan_many_calls: many_usage.calls,
            apply_some_ms: above(&apply_some)?,
        })
    });
    let costs: Vec<Costs> = costs.collect::<Result<_, Error>>()?;
    let shares = plan_many_usage.iter().map(|usage| usage.simulator_share);
    Ok(Commands {
        terraform: version(&arguments.terraform)?,
        some,
        many,
        baseline_plan_one_ms: plan_one.baseline().ok_or("no rounds")?,
        baseline_plan_some_ms: plan_some.baseline().ok_or("no rounds")?,
        baseline_apply_some_ms: apply_some.baseline().ok_or("no rounds")?,
        providers: costs,
        simulator_share: shares.fold(0.0, f64::max),
    })
}

/// The first line of `terraform version`.
fn version(terraform: &Path) -> Result<String, Error> {
    let output = Command::new(terraform)
        .arg("version")
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// The wall times of a command: of each round the baseline's, then each provider's.
struct Times(Vec<Vec<Duration>>);

impl Times {
    fn baseline(&self) -> Option<f64> {
        median(
            self.0
                .iter()
                .filter_map(|round| round.first())
                .map(|time| millis(*time)),
        )
    }

    fn above_baseline(&self, provider: usize) -> Option<f64> {
        median(
            self.0.iter().filter_map(|round| {
                Some(millis(*round.get(provider + 1)?) - millis(*round.first()?))
            }),
        )
    }
}

/// What a plan used, and what it asked of the API.
#[derive(Clone, Copy, Debug)]
struct PlanUsage {
    usage: Usage,
    calls: usize,
    simulator_share: f64,
}

/// The candidates over one number of webhooks, the baseline first.
struct Field {
    candidates: Vec<Candidate>,
}

impl Field {
    /// Makes the folders, and applies everything once.
    fn prepare(
        providers: &[Provider],
        arguments: &Arguments,
        count: usize,
    ) -> Result<Field, Error> {
        let mut candidates = vec![Candidate::baseline(&arguments.terraform, count)?];
        for provider in providers {
            candidates.push(Candidate::provider(&arguments.terraform, provider, count)?);
        }
        for candidate in &candidates {
            candidate.apply_all()?;
            // The first plan warms the page cache.
            candidate.plan()?;
        }
        Ok(Field { candidates })
    }

    fn times(
        &self,
        rounds: usize,
        command: impl Fn(&Candidate) -> Result<Duration, Error>,
    ) -> Result<Times, Error> {
        let round = |_| self.candidates.iter().map(&command).collect();
        (0..rounds)
            .map(round)
            .collect::<Result<_, Error>>()
            .map(Times)
    }

    /// For each provider the median of the CPU and of the peak, over plans.
    fn usages(&self, rounds: usize) -> Result<Vec<PlanUsage>, Error> {
        let providers = self.candidates.iter().filter_map(|candidate| {
            let simulator = candidate.simulator.as_ref()?;
            Some((candidate, simulator))
        });
        let mut all: Vec<(_, _, Vec<PlanUsage>)> = providers
            .map(|(candidate, simulator)| (candidate, simulator, Vec::new()))
            .collect();
        for _ in 0..rounds {
            for (candidate, simulator, usages) in &mut all {
                usages.push(candidate.plan_usage(simulator)?);
            }
        }
        let medians = all.into_iter().map(|(_, _, usages)| {
            let of =
                |field: fn(&PlanUsage) -> f64| median(usages.iter().map(field)).ok_or("no rounds");
            Ok(PlanUsage {
                usage: Usage {
                    cpu: Duration::from_secs_f64(of(|plan| plan.usage.cpu.as_secs_f64())?),
                    peak_kib: of(|plan| plan.usage.peak_kib as f64)? as u64,
                },
                calls: usages
                    .iter()
                    .map(|plan| plan.calls)
                    .max()
                    .ok_or("no rounds")?,
                simulator_share: of(|plan| plan.simulator_share)?,
            })
        });
        medians.collect()
    }
}

/// One folder of HCL with all that belongs to it.
struct Candidate {
    terraform: PathBuf,
    folder: TempDir,
    /// The API, where there is a provider.
    simulator: Option<Simulator>,
    binary: Option<PathBuf>,
}

impl Candidate {
    fn baseline(terraform: &Path, count: usize) -> Result<Candidate, Error> {
        let hcl = format!(
            "resource \"terraform_data\" \"bench\" {{\n  count = {count}\n  input = \"https://hooks.example.com/bench/${{count.index}}\"\n}}\n"
        );
        Candidate::in_folder(terraform, &hcl, None, None)
    }

    fn provider(terraform: &Path, provider: &Provider, count: usize) -> Result<Candidate, Error> {
        let simulator = Simulator::start();
        // With a key, since the reference provider sends a null where there is none, and the API wants a string.
        let hcl = format!(
            "terraform {{\n  required_providers {{\n    immuta = {{ source = \"immuta/immuta\" }}\n  }}\n}}\n\n\
             provider \"immuta\" {{\n  endpoint = \"{}\"\n  token    = \"{}\"\n}}\n\n\
             resource \"immuta_webhook\" \"bench\" {{\n  count       = {count}\n  url         = \"https://hooks.example.com/bench/${{count.index}}\"\n  signing_key = \"bench-key-${{count.index}}\"\n}}\n",
            simulator.base_url(),
            simulator.token(),
        );
        Candidate::in_folder(terraform, &hcl, Some(simulator), Some(provider))
    }

    fn in_folder(
        terraform: &Path,
        hcl: &str,
        simulator: Option<Simulator>,
        provider: Option<&Provider>,
    ) -> Result<Candidate, Error> {
        let candidate = Candidate {
            terraform: terraform.to_owned(),
            folder: tempfile::Builder::new().prefix("bench").tempdir()?,
            simulator,
            binary: provider.map(|provider| provider.binary.clone()),
        };
        fs::write(candidate.path("main.tf"), hcl)?;
        if let Some(provider) = provider {
            candidate.install("plain", &provider.binary)?;
            candidate.install("measured", &std::env::current_exe()?)?;
        }
        Ok(candidate)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A CLI configuration by which Terraform finds this binary as the provider.
    fn install(&self, name: &str, binary: &Path) -> Result<(), Error> {
        let folder = self.path(name);
        fs::create_dir(&folder)?;
        std::os::unix::fs::symlink(binary, folder.join(BINARY))?;
        let config = format!(
            "provider_installation {{\n  dev_overrides {{ \"immuta/immuta\" = \"{}\" }}\n  direct {{}}\n}}\n",
            folder.display()
        );
        Ok(fs::write(self.path(&format!("{name}.tfrc")), config)?)
    }

    /// Runs a command of Terraform, and says how long it took.
    fn run(&self, words: &[&str], config: &str, env: &[(&str, &Path)]) -> Result<Duration, Error> {
        let mut command = Command::new(&self.terraform);
        command
            .args(words)
            .args(["-no-color", "-input=false"])
            .current_dir(self.folder.path())
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_LOG")
            .env_remove("TF_LOG_PROVIDER")
            .env_remove("TF_CLI_ARGS")
            .env_remove("TF_CLI_CONFIG_FILE");
        if self.binary.is_some() {
            command.env("TF_CLI_CONFIG_FILE", self.path(&format!("{config}.tfrc")));
        }
        command.envs(env.iter().copied());
        let began = Instant::now();
        let output = command.output()?;
        let took = began.elapsed();
        if !output.status.success() {
            return Err(format!(
                "terraform {}: {}\n{}\n{}",
                words.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )
            .into());
        }
        if words.first() == Some(&"plan")
            && !String::from_utf8_lossy(&output.stdout).contains("No changes.")
        {
            return Err("a plan that was to have nothing to do has something to do".into());
        }
        Ok(took)
    }

    /// Plans over what was applied: nothing is to do.
    fn plan(&self) -> Result<Duration, Error> {
        self.run(&["plan"], "plain", &[])
    }

    /// Applies from nothing.
    fn apply_all(&self) -> Result<Duration, Error> {
        for state in ["terraform.tfstate", "terraform.tfstate.backup"] {
            match fs::remove_file(self.path(state)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        if let Some(simulator) = &self.simulator {
            for webhook in simulator.webhooks() {
                simulator.remove(&webhook.id);
            }
            simulator.clear_requests();
        }
        self.run(&["apply", "-auto-approve"], "plain", &[])
    }

    fn plan_usage(&self, simulator: &Simulator) -> Result<PlanUsage, Error> {
        let binary = self
            .binary
            .as_deref()
            .ok_or("the baseline has no provider")?;
        let file = self.path("usage");
        let _ = fs::remove_file(&file);
        simulator.clear_requests();
        let before = usage::of_this_process()?;
        let env = [(usage::REAL, binary), (usage::USAGE_FILE, file.as_path())];
        let took = self.run(&["plan"], "measured", &env)?;
        let simulated = usage::of_this_process()?.saturating_sub(before);
        Ok(PlanUsage {
            usage: usage::read(&file)?,
            calls: simulator.requests().len(),
            simulator_share: simulated.as_secs_f64() / took.as_secs_f64(),
        })
    }
}
