//! What a run came to, as it is printed and as it stands in the docs.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::arguments::Arguments;
use crate::candidate::{Provider, Who};
use crate::commands::{Commands, Costs};
use crate::growth::Curve;
use crate::plot;
use crate::start::{Start, Starts};
use crate::table::{Aim, Line, markdown, rounded};

/// Where the plot stands in the project, and where the docs link to it from.
const PLOT: &str = "docs/images/growth.svg";
const GUIDE: &str = "docs/guides/performance.md";

/// What was measured so far.
pub(crate) struct Report {
    pub(crate) start: Option<Starts>,
    pub(crate) commands: Option<Commands>,
    pub(crate) growth: Option<Vec<Curve>>,
    quick: bool,
    machine: String,
    /// What is measured.
    binary: &'static str,
    reference: Option<PathBuf>,
}

impl Report {
    pub(crate) fn new(arguments: &Arguments, providers: &[Provider]) -> Result<Report, Error> {
        let of = |who| providers.iter().find(|provider| provider.who == who);
        let reference = of(Who::Reference);
        let ours = of(Who::Ours).ok_or("no provider")?;
        Ok(Report {
            start: None,
            commands: None,
            growth: None,
            quick: arguments.rounds.growth == 1,
            machine: machine(),
            binary: match ours.is_dynamic()? {
                true => "the provider as `make build` makes it, linked to the system's C library",
                false => "the provider's static binary, as it is published for Linux",
            },
            reference: reference.map(|reference| reference.binary.clone()),
        })
    }

    /// Everything, in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let mut paragraph = |paragraph: String| {
            text.push_str(paragraph.trim_end());
            text.push_str("\n\n");
        };
        let date = jiff::Timestamp::now().strftime("%Y-%m-%d");
        let terraform = self
            .commands
            .as_ref()
            .map_or("", |commands| &commands.terraform);
        let terraform = match terraform {
            "" => String::new(),
            version => format!(", {version}"),
        };
        paragraph(format!(
            "Run on {date}: {}{terraform}; {}.",
            self.machine, self.binary
        ));
        if self.quick {
            paragraph("A quick run: these figures are no measurement.".to_owned());
        }
        paragraph(markdown(&self.lines()));
        if let Some(start) = &self.start {
            paragraph(format!(
                "The start of an empty process, measured in the same way, takes {} ms.",
                rounded(start.empty_ms)
            ));
        }
        if let Some(commands) = &self.commands {
            paragraph(format!(
                "The baseline (`terraform_data`, no provider process): a plan of 1 takes {} ms, a plan of {some} {} ms, an apply of {some} {} ms. \
                 The simulator used at most {} of one core while a provider was measured.",
                rounded(commands.baseline_plan_one_ms),
                rounded(commands.baseline_plan_some_ms),
                rounded(commands.baseline_apply_some_ms),
                percent(commands.simulator_share),
                some = commands.some,
            ));
        }
        if let Some(growth) = &self.growth {
            paragraph(growth_table(growth));
        }
        text
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(start) = &self.start {
            let mut line = |what: &str, unit, aim, figure: fn(&Start) -> f64| {
                lines.extend(of_both(
                    &start.providers,
                    |start| start.who,
                    what,
                    unit,
                    aim,
                    figure,
                ));
            };
            line(
                "spawn to handshake line",
                "ms",
                Aim::PartOfReference(5.0),
                |s| s.handshake_ms,
            );
            line(
                "resident memory after the handshake",
                "MB",
                Aim::AtMost(6.0),
                |s| s.resident_mb,
            );
            line("binary, stripped", "MB", Aim::AtMost(7.0), |s| s.binary_mb);
        }
        if let Some(commands) = &self.commands {
            let (some, many) = (commands.some, commands.many);
            let mut line = |what: &str, unit, aim, figure: fn(&Costs) -> f64| {
                lines.extend(of_both(
                    &commands.providers,
                    |costs| costs.who,
                    what,
                    unit,
                    aim,
                    figure,
                ));
            };
            line(
                "plan of 1, time above the baseline",
                "ms",
                Aim::PartOfReference(2.0),
                |c| c.plan_one_ms,
            );
            line(
                &format!("plan of {some}, time above the baseline"),
                "ms",
                Aim::PartOfReference(3.0),
                |c| c.plan_some_ms,
            );
            line(
                &format!("plan of {some}, provider CPU"),
                "ms",
                Aim::PartOfReference(5.0),
                |c| c.plan_some_cpu_ms,
            );
            line(
                &format!("plan of {many}, provider CPU"),
                "ms",
                Aim::PartOfReference(5.0),
                |c| c.plan_many_cpu_ms,
            );
            line(
                &format!("plan of {many}, peak memory"),
                "MB",
                Aim::AtMost(25.0),
                |c| c.plan_many_peak_mb,
            );
            line(
                &format!("apply of {some}, time above the baseline"),
                "ms",
                Aim::PartOfReference(2.0),
                |c| c.apply_some_ms,
            );
            line(
                &format!("API calls to refresh {many} webhooks"),
                "",
                Aim::AtMost(5.0),
                |c| c.plan_many_calls as f64,
            );
        }
        if let Some(start) = &self.start {
            let aim = Aim::AtMost(2.0);
            lines.extend(of_both(
                &start.providers,
                |s| s.who,
                "from Shutdown to the exit",
                "ms",
                aim,
                |s| s.exit_ms,
            ));
        }
        if let Some(ours) = self
            .growth
            .iter()
            .flatten()
            .find(|curve| curve.who == Who::Ours)
        {
            lines.extend(growth_lines(ours));
        }
        lines
    }

    /// Writes the guide and the plot into a checkout of the project.
    pub(crate) fn write(&self, checkout: &Path) -> Result<(), Error> {
        if let Some(growth) = &self.growth {
            write(&checkout.join(PLOT), &plot::svg(growth)?)?;
        }
        write(&checkout.join(GUIDE), &self.guide())
    }

    fn guide(&self) -> String {
        let reference = match self.reference {
            Some(_) => "",
            None => "\nThis run had no reference provider to compare with.\n",
        };
        format!(
            "---\npage_title: \"Performance\"\nsubcategory: \"Guides\"\ndescription: |-\n  What the provider adds to a plan or an apply, beside a provider in Go.\n---\n\n\
             # Performance\n\n\
             Terraform starts a provider three to five times for every command, one process after the other. What this\n\
             provider adds is measured beside a provider of the same webhooks in Go (terraform-plugin-framework 1.19, create,\n\
             read, update and delete at their plainest; its source is in `benches/reference`), and beside the baseline: the same\n\
             command over as many `terraform_data`. `make bench` makes the figures. With\n\
             `BENCH=\"--write-to .\"` it writes this page, and with `PROVIDER=FILE` it measures that binary, such as the static one of\n\
             a release.\n{reference}\n\
             Machines differ, and one machine differs from day to day, so only the ratios of one run count. The candidates\n\
             take turns; each figure is the median of its rounds.\n\n{}\
             ![CPU and memory by number of webhooks](../images/growth.svg)\n\n\
             ## Why\n\n\
             - A refresh of any number of webhooks is one call of the API: the list is fetched once and shared by all reads,\n  until a write of the same process.\n\
             - The process starts without waiting for entropy, and builds its HTTP client at the first call of the API only.\n\
             - Values are decoded once, by the schema, and move into the handler without a copy.\n",
            self.markdown(),
        )
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn of_both<T>(
    measured: &[T],
    who: fn(&T) -> Who,
    what: &str,
    unit: &'static str,
    aim: Aim,
    figure: fn(&T) -> f64,
) -> Option<Line> {
    let of = |wanted| measured.iter().find(|one| who(one) == wanted).map(figure);
    Some(Line {
        what: what.to_owned(),
        ours: of(Who::Ours)?,
        reference: of(Who::Reference),
        unit,
        aim,
    })
}

/// The aims of growth: CPU for one webhook more is flat, and memory rises slowly.
fn growth_lines(ours: &Curve) -> Vec<Line> {
    let slopes = ours.slopes();
    // Below a hundred webhooks the start of the process and its first call outweigh what one webhook more costs.
    let large: Vec<_> = slopes.iter().filter(|slope| slope.from >= 100).collect();
    let (Some(least), Some(most), Some(last)) = (
        large
            .iter()
            .map(|slope| slope.cpu_ms)
            .min_by(|a, b| a.total_cmp(b)),
        large
            .iter()
            .map(|slope| slope.cpu_ms)
            .max_by(f64::total_cmp),
        large.last(),
    ) else {
        return Vec::new();
    };
    vec![
        Line {
            what: "growth from 100 webhooks on: CPU for one webhook more, most ÷ least".to_owned(),
            ours: most / least,
            reference: None,
            unit: "",
            aim: Aim::AtMost(1.2),
        },
        Line {
            what: format!(
                "growth from {} to {} webhooks: memory for one webhook more",
                last.from, last.to
            ),
            ours: last.memory_kb,
            reference: None,
            unit: "KB",
            aim: Aim::AtMost(10.0),
        },
    ]
}

fn growth_table(curves: &[Curve]) -> String {
    let mut text = String::from(
        "Growth: the calls of a plan in one process, ten at a time, with 50 ms latency of the API, without Terraform in the way.\n\n\
         | webhooks | who | CPU | CPU for one webhook more | peak memory | memory for one webhook more | API calls |\n\
         | ---: | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for curve in curves {
        let slopes = curve.slopes();
        for (index, point) in curve.points.iter().enumerate() {
            let slope = index.checked_sub(1).and_then(|before| slopes.get(before));
            let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
            // Writing into a string cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} ms | {} | {} MB | {} | {} |",
                point.webhooks,
                curve.who.name(),
                rounded(point.cpu_ms),
                or_dash(slope.map(|slope| format!("{:.0} µs", slope.cpu_ms * 1e3))),
                rounded(point.peak_mb),
                or_dash(slope.map(|slope| format!("{} KB", rounded(slope.memory_kb)))),
                point.calls,
            );
        }
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The kind of machine: its cores and processor, and the system.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| {
            line.strip_prefix("model name")?
                .split_once(": ")
                .map(|(_, name)| name)
        })
        .unwrap_or("unknown processor");
    format!(
        "{cores} cores of {model}, {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}
