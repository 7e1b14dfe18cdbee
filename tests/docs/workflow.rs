//! A workflow of GitHub Actions as a script: the environment of the job, and its steps that run something, as GitHub
//! runs them. The actions that a step may use are at hand already.

/// Actions that put there what the reader has: the files, the CLI.
const AT_HAND: [&str; 3] = [
    "actions/checkout",
    "hashicorp/setup-terraform",
    "opentofu/setup-opentofu",
];

/// What the project itself uses.
const OURS: &str = include_str!("../../.github/workflows/test.yml");

/// What the job does.
pub(crate) fn script(yaml: &str) -> String {
    let mut script = String::from("(\n");
    let mut steps = 0;
    let mut lines = yaml.lines().peekable();
    let mut in_env = None;
    while let Some(line) = lines.next() {
        let depth = line.len() - line.trim_start().len();
        let words = without_comment(line.trim_start().trim_start_matches("- "));
        if in_env.is_some_and(|env| depth <= env) {
            in_env = None;
        }
        if words == "env:" {
            in_env = Some(depth);
        } else if in_env.is_some()
            && let Some((name, value)) = words.split_once(": ")
        {
            script.push_str(&format!("export {name}={}\n", filled_in(value)));
        } else if let Some(action) = words.strip_prefix("uses: ") {
            let name = action.split('@').next().unwrap_or_default();
            assert!(AT_HAND.contains(&name), "no test has the action {name}");
            // Dependabot keeps those up to date, and knows of no page.
            assert!(
                OURS.contains(&format!("uses: {action} #")),
                "the project's own workflow has another version of {action}"
            );
        } else if let Some(command) = words.strip_prefix("run: ") {
            let mut text = String::new();
            if command == "|" {
                while let Some(next) = lines.next_if(|next| {
                    next.trim().is_empty() || next.len() - next.trim_start().len() > depth
                }) {
                    text.push_str(next.trim_start_matches(' '));
                    text.push('\n');
                }
            } else {
                text = format!("{command}\n");
            }
            steps += 1;
            script.push_str(&format!(
                "cat >\"$ROOT/step.sh\" <<'@@ END OF STEP'\n{text}@@ END OF STEP\nbash -eo pipefail \"$ROOT/step.sh\"\n"
            ));
        }
    }
    assert!(steps > 0, "the workflow runs nothing");
    script.push_str(")\n");
    script
}

fn without_comment(line: &str) -> &str {
    line.split_once(" #")
        .map_or(line, |(before, _)| before.trim_end())
}

/// A value with the secrets of the reader in it.
fn filled_in(value: &str) -> String {
    let value = value.trim_matches('"');
    match value
        .strip_prefix("${{ ")
        .and_then(|rest| rest.strip_suffix(" }}"))
    {
        Some("secrets.IMMUTA_TOKEN") => "\"$(cat \"$ROOT/typed\")\"".to_owned(),
        Some(secret) if secret.starts_with("secrets.") => "'a secret of the reader'".to_owned(),
        Some(other) => panic!("no test knows the value of {other}"),
        None => format!("'{value}'"),
    }
}

/// A workflow's steps are found.
pub(crate) fn is_read() {
    let yaml = "env:\n  A: b\nsteps:\n  - run: one # comment\n  - run: |\n      two\n      three\n  - name: last\n    run: four\n";
    let script = script(yaml);
    for part in [
        "export A='b'\n",
        "\none\n@@",
        "\ntwo\nthree\n@@",
        "\nfour\n@@",
    ] {
        assert!(script.contains(part), "{part:?}: {script}");
    }
}
