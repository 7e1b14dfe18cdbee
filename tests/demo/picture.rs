//! `make picture`: reads what `tests/demo/run.sh --colour` printed, and makes of it the picture
//! `tests/demo/demo.svg`, which README shows, and the block of the guide that says the same as text.
//!
//! Both show a real run. Left out are the CLI's longer hints, and what every plan and apply says alike;
//! ids and ports, which differ in every run, are replaced by fixed ones.

use std::{
    error::Error,
    fs,
    io::{self, Read},
    path::Path,
};

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Color, RgbColor};
use anstyle_svg::{Term, WIN10_CONSOLE};

/// Where the guide's block begins, and where it ends.
const MARKS: (&str, &str) = (
    "<!-- demo: this block is written by make picture -->",
    "<!-- demo: end -->",
);

/// How the demo's last line starts.
const LAST: &str = "Every step did what it says";

const IDS: [&str; 2] = [
    "e82a0f02-94a6-46c5-b278-098186192c94",
    "4388dde7-0478-47e8-a9bc-ec9c7a08e4b3",
];
const PORTS: [&str; 2] = ["8080", "8081"];
const LOOPBACK: &str = "127.0.0.1:";

fn main() -> Result<(), Box<dyn Error>> {
    let mut printed = String::new();
    io::stdin().read_to_string(&mut printed)?;
    let shown = condensed(&masked(&printed)).join("\n");
    if !shown.contains(LAST) {
        return Err("this is no whole run of the demo".into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(root.join("tests/demo/demo.svg"), picture(&shown))?;
    let guide = root.join("docs/guides/try-it-with-the-simulator.md");
    let text = fs::read_to_string(&guide)?;
    fs::write(guide, with_block(&text, &strip_str(&shown).to_string())?)?;
    Ok(())
}

/// The guide with another text between the marks.
fn with_block(guide: &str, block: &str) -> Result<String, String> {
    let (start, end) = MARKS;
    let place = |mark| guide.split_once(mark).ok_or(format!("no {mark:?}"));
    let (before, _) = place(start)?;
    let (_, after) = place(end)?;
    Ok(format!(
        "{before}{start}\n\n```text\n{block}\n```\n\n{end}{after}"
    ))
}

fn picture(shown: &str) -> String {
    let colour = |red, green, blue| Color::Rgb(RgbColor(red, green, blue));
    Term::new()
        .palette(WIN10_CONSOLE)
        .fg_color(colour(0xd4, 0xd7, 0xdc))
        .bg_color(colour(0x16, 0x1b, 0x22))
        .render_svg(shown)
}

/// The lines that are shown, each with the colours that hold in it and none beyond.
fn condensed(printed: &str) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    let mut colours = String::new();
    let mut command = String::new();
    let mut in_block = false;
    for line in printed.lines() {
        let coloured = format!("{colours}{line}\u{1b}[0m");
        colours = after(&colours, line);
        let plain = strip_str(line).to_string();
        let is_step = plain.starts_with("== ");
        let is_command = plain.starts_with("$ ");
        if is_step || is_command {
            command = plain.clone();
            in_block = false;
            if !shown.is_empty() {
                shown.push(String::new());
            }
            let colour = if is_step {
                AnsiColor::BrightCyan
            } else {
                AnsiColor::BrightWhite
            };
            let style = colour.on_default().bold();
            shown.push(format!("{style}{plain}{style:#}"));
            continue;
        }
        if opens_block(&command, &plain) {
            in_block = true;
        }
        if plain.starts_with(LAST) {
            shown.push(String::new());
        }
        if in_block || is_shown(&command, &plain) {
            shown.push(coloured);
        }
        if plain == "    }" || plain == "}" {
            in_block = false;
        }
    }
    shown
}

/// Whether a line begins what a command was run for: the change of a webhook, the values of a test.
fn opens_block(command: &str, line: &str) -> bool {
    match command {
        "$ terraform plan" => line.starts_with("  # immuta_webhook."),
        _ => command.starts_with("$ terraform state show") && line.starts_with("# data."),
    }
}

/// Whether a line outside of such a block is shown.
fn is_shown(command: &str, line: &str) -> bool {
    const ALWAYS: [&str; 7] = [
        "Immuta is at ",
        "- Installed ",
        "Apply complete!",
        "Destroy complete!",
        "Import successful!",
        "The receiver says: ",
        LAST,
    ];
    ALWAYS.iter().any(|start| line.starts_with(start))
        || line.ends_with(" has been successfully initialized!")
        || (command == "$ terraform plan" && line.starts_with("No changes."))
        || (command.starts_with("$ immuta-simulator") && !line.is_empty())
}

/// The escape sequences that hold after a line, if `before` held before it.
fn after(before: &str, line: &str) -> String {
    let mut colours = before.to_owned();
    for part in line.split('\u{1b}').skip(1) {
        let Some((codes, _)) = part.split_once('m') else {
            continue;
        };
        if codes == "[0" {
            colours.clear();
        } else {
            colours.push_str(&format!("\u{1b}{codes}m"));
        }
    }
    colours
}

/// Every id and every port of loopback by a fixed one.
fn masked(printed: &str) -> String {
    let mut ids: Vec<String> = Vec::new();
    let mut ports: Vec<String> = Vec::new();
    let mut rest = printed;
    let mut text = String::new();
    while let Some(next) = rest.chars().next() {
        if let Some(id) = rest.get(..36).filter(|word| is_id(word)) {
            text.push_str(stand_in(&mut ids, id, &IDS));
            rest = &rest[36..];
        } else if let Some(behind) = rest.strip_prefix(LOOPBACK) {
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            text.push_str(LOOPBACK);
            text.push_str(stand_in(&mut ports, &behind[..digits], &PORTS));
            rest = &behind[digits..];
        } else {
            text.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    text
}

fn is_id(word: &str) -> bool {
    word.contains('-') && uuid::Uuid::parse_str(word).is_ok()
}

/// The same one for the same word.
fn stand_in<'a>(seen: &mut Vec<String>, word: &str, stand_ins: &[&'a str]) -> &'a str {
    let position = seen.iter().position(|known| known == word);
    let position = position.unwrap_or_else(|| {
        seen.push(word.to_owned());
        seen.len() - 1
    });
    stand_ins.get(position).copied().unwrap_or("…")
}
