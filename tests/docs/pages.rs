//! Whoever does what a page says, block by block, gets what it says: each block is run as it is
//! printed, under each CLI that is new enough, by a reader who has nothing else in the folder.
//!
//! The reader has installed the provider as README says, and set `IMMUTA_SEGMENT` and `IMMUTA_TOKEN`. Where pages
//! name Immuta, it is the simulator, and behind every other host is a receiver that takes deliveries. HCL is
//! applied, but where a shell block follows that says what to do with it. A warning is a failure unless
//! the page expects it. In the end receiver, user and webhooks are made bad, and every condition in the folder
//! must give its message.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    env, fs,
    net::SocketAddr,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use immuta_simulator::{Receiver, Simulator, StoredWebhook};
use terraform_cli::{Case, Kind as CliKind, Needs, Workspace, run, unwrapped};

use crate::{
    blocks::{self, Block, Kind},
    conditions, examples,
    internet::{Internet, Routes},
    needs, repository, workflow,
};

/// Blocks that build on each other, and where they begin.
#[derive(Clone)]
struct Folder {
    page: PathBuf,
    /// The section of the first block, and its place.
    name: String,
    /// What follows `new folder`: nothing, `with …`, or `in a clone`.
    start: String,
    blocks: Vec<Block>,
}

/// The webhooks that pages name by id, and where each delivers.
const HELD: [(&str, &str, bool); 2] = [
    (
        "0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10",
        "https://audit.example.com/immuta",
        true,
    ),
    (
        "6a2d8f57-9b1e-4d3a-8a62-0d4f7c5b1e29",
        "https://hooks.internal.example.com:8443/immuta",
        false,
    ),
];

/// What the reader gives for a variable that a page leaves to them.
const VARIABLES: [(&str, &str); 4] = [
    ("signing_key", "a key of the reader"),
    ("webhook_key", "a key for alerts"),
    (
        "signing_keys",
        r#"{ audit = "a key for audit", alerts = "a key for alerts" }"#,
    ),
    ("eu_token", "the token of the EU"),
];

/// What the script does before the page's first block.
const PROLOGUE: &str = r#"set -Eeuo pipefail
exec 2>&1 <"$ROOT/typed"
trap 'code=$?; kill $(jobs -p) 2>/dev/null || true; wait; exit $code' EXIT
begin() { printf '@@ %s\n' "$1"; }
install_provider() {
  for registry in registry.terraform.io registry.opentofu.org; do
    mkdir -p "$HOME/.terraform.d/plugins/$registry"
    cp -R "$ROOT/installed/$registry/immuta" "$HOME/.terraform.d/plugins/$registry/"
  done
}
# An archive of the provider, as `make dist` makes it.
pack() {
  python3 -m zipfile -c "$1" "$(readlink -f "$(find "$HOME/.terraform.d/plugins" -name 'terraform-provider-immuta_*' | head -n 1)")"
}
# A mirror with the provider for two platforms.
mirror_of_two() {
  cp -RL "$HOME/.terraform.d/plugins" mirror
  for version in mirror/*/immuta/immuta/*; do
    for platform in linux_amd64 darwin_arm64; do
      [ -d "$version/$platform" ] && continue
      cp -R "$version/$(ls "$version" | head -n 1)" "$version/$platform"
      echo >>"$version/$platform/terraform-provider-immuta_v${version##*/}"
    done
  done
}
# Another build of the provider, with the same version.
rebuild() {
  find "$HOME/.terraform.d/plugins" -name 'terraform-provider-immuta_*' | while read -r program; do
    built=$(readlink -f "$program")
    rm "$program"
    cp "$built" "$program"
    echo >>"$program"
  done
}
# The state of a webhook that a generic REST provider manages.
old_state() {
  registry=registry.terraform.io
  case $(terraform version) in OpenTofu*) registry=registry.opentofu.org ;; esac
  cat >terraform.tfstate <<END
{
  "version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "00000000-0000-4000-8000-000000000001", "outputs": {},
  "resources": [{
    "mode": "managed", "type": "restapi_object", "name": "audit", "provider": "provider[\"$registry/mastercard/restapi\"]",
    "instances": [{ "schema_version": 0, "attributes": {
      "path": "/api/notification/webhook", "id": "0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10",
      "data": "{\"url\":\"https://audit.example.com/immuta\",\"verifyTls\":true}"
    } }]
  }]
}
END
}
outside() { "$ROOT/outside" "$1" --url-of "$OUTSIDE" "${@:2}"; }
settle() {
  terraform init -input=false
  terraform apply -input=false
}
"#;

/// A case for each folder.
pub(crate) fn cases() -> Vec<Case> {
    let cases = folders().into_iter().map(|folder| Case {
        name: folder.name.clone(),
        needs: folder
            .blocks
            .iter()
            .map(needs::of)
            .fold(Needs::ANY, needs::both),
        run: Box::new(move |w| read(w, &folder)),
    });
    cases.collect()
}

/// Every block is run, or says that it is an illustration, and why. Prints how many.
pub(crate) fn every_block_is_run() {
    let all = blocks::all();
    let run: usize = folders().iter().map(|folder| folder.blocks.len()).sum();
    let illustrations: Vec<_> = all
        .iter()
        .filter(|block| block.illustration.is_some())
        .collect();
    let receivers = all
        .iter()
        .filter(|block| crate::receivers::is_one(block) && block.illustration.is_none())
        .count();
    let generated = all
        .iter()
        .filter(|block| made_by_other_tests(block))
        .count();
    let lost: Vec<_> = all
        .iter()
        .filter(|block| {
            block.kind() == Kind::Other
                && block.illustration.is_none()
                && !crate::receivers::is_one(block)
        })
        .map(|block| &block.place)
        .collect();
    assert!(lost.is_empty(), "no test runs these blocks: {lost:#?}");
    assert_eq!(all.len(), run + illustrations.len() + receivers + generated);
    println!(
        "Pages print {} blocks: {} are run as printed, {} are compared with a run, {} are illustrations:",
        all.len(),
        run + receivers,
        generated,
        illustrations.len()
    );
    for block in illustrations {
        let reason = block.illustration.as_deref().unwrap_or_default();
        println!("  {}: {reason}", block.place);
    }
}

/// The demo's text, and a function's signature, which the schema gives.
fn made_by_other_tests(block: &Block) -> bool {
    block.kind() == Kind::Output
        && ["The demo as text", "Signature"].contains(&block.section.as_str())
}

fn folders() -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    for block in blocks::all() {
        if block.illustration.is_some()
            || block.kind() == Kind::Other
            || made_by_other_tests(&block)
        {
            continue;
        }
        let start = block.told("new folder").last().map(str::to_owned);
        let is_new = start.is_some() || folders.last().is_none_or(|last| last.page != block.page);
        if is_new {
            folders.push(Folder {
                page: block.page.clone(),
                name: format!("{} {}", block.place, block.section),
                start: start.unwrap_or_default(),
                blocks: Vec::new(),
            });
        }
        if let Some(folder) = folders.last_mut() {
            folder.blocks.push(block);
        }
    }
    folders
}

/// What stands for Immuta and for the receivers, and the reader's shell.
struct Reader<'a> {
    w: &'a Workspace,
    na: Simulator,
    _eu: Simulator,
    receiver: Receiver,
    _internet: Internet,
    env: RefCell<BTreeMap<String, String>>,
    folder: PathBuf,
}

fn read(w: &Workspace, folder: &Folder) {
    let reader = Reader::new(w, folder);
    let text: String = folder
        .blocks
        .iter()
        .map(|block| block.text.as_str())
        .collect();
    for (position, (id, url, verify_tls)) in HELD.into_iter().enumerate() {
        // The first is the one that pages look up by its url, and the one in the old state.
        let is_looked_up = position == 0
            && ["data \"immuta_webhook\" ", "restapi_object.audit"]
                .iter()
                .any(|sign| text.contains(sign));
        if is_looked_up || text.contains(id) {
            let mut webhook = StoredWebhook::new(url);
            webhook.id = id.to_owned();
            webhook.verify_tls = verify_tls;
            reader.na.insert(webhook);
        }
    }
    // The pages speak of Terraform.
    let printed = reader.run(&script(folder)).replace("OpenTofu", "Terraform");
    check(folder, &printed);
    if !reader.folder.join("terraform.tfstate").exists() {
        return;
    }
    let conditions = conditions::in_folder(&reader.folder);
    if !conditions.is_empty() {
        reader.spoil();
        let printed = reader.run(&format!(
            "{PROLOGUE}. \"$ROOT/env\"\ncd \"$ROOT/work\"\nterraform apply -input=false || true\n"
        ));
        let said = unwrapped(&printed);
        for condition in conditions {
            for part in condition.parts() {
                assert!(
                    said.contains(&unwrapped(part)),
                    "{}: {part:?} is not said when the condition does not hold:\n{printed}",
                    folder.name
                );
            }
        }
    }
}

impl Reader<'_> {
    fn new<'a>(w: &'a Workspace, folder: &Folder) -> Reader<'a> {
        let root = w
            .folder()
            .parent()
            .expect("a workspace has a root")
            .to_owned();
        let mut internet = Internet::start();
        let receiver = Receiver::start_http();
        let immuta = |token: &str| {
            Simulator::builder()
                .token(token)
                .deliver_through(internet.proxy())
                .trust(&internet.ca_pem)
                .start()
                .expect("a simulator can be started")
        };
        let (na, eu) = (immuta(&w.api.token()), immuta("the-token-of-the-EU"));
        eu.edit_user(|user| user["tenantInfo"]["globalSegment"] = "eu".into());
        let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let to_receiver = receiver
            .url()
            .trim_end_matches('/')
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        internet.open(Routes::from([
            ("na.api.immutacloud.com", at(na.port())),
            ("eu.api.immutacloud.com", at(eu.port())),
            ("immuta.internal.example.com", at(na.port())),
            (
                ".example.com",
                at(to_receiver.expect("a receiver has a port")),
            ),
        ]));
        let in_a_clone = folder.start == "in a clone";
        let settings = !folder.blocks[0].told("no settings").any(|_| true);
        let path = |name: &str| root.join(name).display().to_string();
        let programs = root.join("bin");
        for name in ["bin", "ca"] {
            fs::create_dir_all(root.join(name)).expect("a folder can be made");
        }
        fs::write(root.join("ca/ca.pem"), &internet.ca_pem).expect("a file can be written");
        fs::write(root.join("typed"), format!("{}\n", w.api.token()))
            .expect("a file can be written");
        // README is for those too who have OpenTofu alone; elsewhere `tofu` does what pages say of `terraform`.
        let has_only_tofu = in_a_clone
            && folder.page == Path::new("README.md")
            && w.cli().kind == CliKind::OpenTofu;
        let name = if has_only_tofu { "tofu" } else { "terraform" };
        symlink(w.cli().path(), programs.join(name)).expect("a link can be made");
        symlink(
            examples::built().join(examples::SIMULATOR),
            root.join("outside"),
        )
        .expect("a link can be made");
        let path_before = env::var_os("PATH").unwrap_or_default();
        let others = env::split_paths(&path_before)
            .filter(|folder| !has_only_tofu || !folder.join("terraform").exists());
        let with_programs = [programs].into_iter().chain(others);
        let mut env: BTreeMap<String, String> = [
            (
                "PATH",
                env::join_paths(with_programs)
                    .expect("folders have plain names")
                    .to_string_lossy()
                    .into_owned(),
            ),
            ("HOME", path("home")),
            ("TMPDIR", path("tmp")),
            ("ROOT", root.display().to_string()),
            (
                "EXAMPLES",
                repository().join("examples").display().to_string(),
            ),
            ("OUTSIDE", na.base_url()),
            ("HTTPS_PROXY", internet.proxy()),
            ("SSL_CERT_FILE", path("ca/ca.pem")),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("TF_CLI_ARGS", "-no-color".to_owned()),
            // The reader says yes.
            ("TF_CLI_ARGS_apply", "-auto-approve".to_owned()),
            ("TF_CLI_ARGS_destroy", "-auto-approve".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        for (name, value) in VARIABLES {
            env.insert(format!("TF_VAR_{name}"), value.to_owned());
        }
        if settings && !in_a_clone {
            env.insert("IMMUTA_SEGMENT".to_owned(), "na".to_owned());
            env.insert("IMMUTA_TOKEN".to_owned(), w.api.token());
        }
        match in_a_clone {
            true => {
                install(&root.join("installed"));
                lay_clone(&w.folder());
            }
            false => install(&root.join("home/.terraform.d/plugins")),
        }
        // What the workspace has for other tests.
        let _ = fs::remove_file(w.folder().join("versions.tf"));
        Reader {
            w,
            na,
            _eu: eu,
            receiver,
            _internet: internet,
            env: RefCell::new(env),
            folder: w.folder(),
        }
    }

    /// What the shell prints. It must end well.
    fn run(&self, script: &str) -> String {
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.env.borrow().iter());
        let finished = run::start(&mut command).finish();
        let text = finished.stdout + &finished.stderr;
        assert!(finished.status.success(), "{text}");
        assert!(
            !text.contains(&self.w.api.token()),
            "the token is shown: {text}"
        );
        text
    }

    /// Nothing is as the conditions of a page want it.
    fn spoil(&self) {
        self.receiver.answer_with(503);
        self.na.edit_user(|user| {
            user["globalPermissions"] = serde_json::json!([]);
            user["expiration"] = serde_json::json!(jiff::Timestamp::now().as_second() + 3600);
            user["tenantInfo"]["globalSegment"] = "ap".into();
        });
        for webhook in self.na.webhooks() {
            self.na
                .edit(&webhook.id, |webhook| webhook.suppressed = true);
        }
        let mut existing = StoredWebhook::new("https://by-hand.example.com/immuta");
        existing.suppressed = true;
        self.na.insert(existing);
    }
}

/// The provider and the keyring of the examples, as README says.
fn install(plugins: &Path) {
    let platform = format!(
        "{}_{}",
        match env::consts::OS {
            "macos" => "darwin",
            other => other,
        },
        match env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        }
    );
    let built = terraform_cli::built::provider().to_owned();
    let programs = [
        (
            "immuta/immuta",
            env!("CARGO_PKG_VERSION"),
            "immuta",
            built.clone(),
        ),
        // Stands for the provider that a webhook moves from: only its name matters, it is never called.
        ("mastercard/restapi", "3.0.0", "restapi", built.clone()),
        (
            "example/keyring",
            "0.1.0",
            "keyring",
            examples::built_example("minimal_provider"),
        ),
    ];
    for (address, version, name, program) in programs {
        for registry in ["registry.terraform.io", "registry.opentofu.org"] {
            let folder = plugins
                .join(registry)
                .join(address)
                .join(version)
                .join(&platform);
            fs::create_dir_all(&folder).expect("a folder can be made");
            symlink(
                &program,
                folder.join(format!("terraform-provider-{name}_v{version}")),
            )
            .expect("a link can be made");
        }
    }
}

/// A clone of the project in which everything is built.
fn lay_clone(clone: &Path) {
    for profile in ["debug", "release"] {
        let folder = clone.join("target").join(profile);
        fs::create_dir_all(folder.join("examples")).expect("a folder can be made");
        for program in [
            env!("CARGO_PKG_NAME"),
            examples::SIMULATOR,
            "examples/minimal_provider",
        ] {
            symlink(examples::built().join(program), folder.join(program))
                .expect("a link can be made");
        }
    }
    examples::copy(&repository().join("examples"), &clone.join("examples"));
}

/// What the reader does, as a script. A line `@@ PLACE` stands before what each block prints.
fn script(folder: &Folder) -> String {
    let mut script = PROLOGUE.to_owned();
    if let Some(with) = folder.start.strip_prefix("with ") {
        let (page, name) = match with {
            "the first block" => (folder.page.clone(), "first.tf"),
            page => (PathBuf::from(page), "first.tf"),
        };
        let first = blocks::of_page(page)
            .into_iter()
            .find(|block| block.kind() == Kind::Hcl);
        let first = first.expect("the page has HCL");
        // Applied only where the blocks do not say otherwise.
        write_file(&mut script, first.file().unwrap_or(name), &first.text);
        script.push_str("terraform init -input=false\n");
    }
    for (position, block) in folder.blocks.iter().enumerate() {
        let follows = folder.blocks.get(position + 1);
        for command in block.told("before") {
            script.push_str(&format!("{command}\n"));
        }
        script.push_str(&format!("begin '{}'\n", block.place));
        let to_run = match block.kind() {
            Kind::Hcl => {
                let name = block
                    .file()
                    .map_or_else(|| default_name(&block.text, position), str::to_owned);
                write_file(&mut script, &name, &block.text);
                let is_left_to_the_page = follows.is_some_and(|next| {
                    next.kind() == Kind::Shell && next.file().is_none()
                        || next.kind() == Kind::Hcl && block.told("more follows").any(|_| true)
                });
                match is_left_to_the_page {
                    true => String::new(),
                    false if name.ends_with(".tfquery.hcl") => "terraform query\n".to_owned(),
                    false if name.ends_with(".tftest.hcl") => "terraform test\n".to_owned(),
                    false => "settle\n".to_owned(),
                }
            }
            Kind::Shell => match block.file() {
                Some(name) => {
                    write_file(&mut script, name, &block.text);
                    format!("chmod +x '{name}'\n")
                }
                None => block.text.clone(),
            },
            Kind::Workflow => {
                if let Some(name) = block.file() {
                    write_file(&mut script, name, &block.text);
                }
                workflow::script(&block.text)
            }
            Kind::Output | Kind::Other => String::new(),
        };
        match block.told("exit").last() {
            Some(code) => script.push_str(&format!(
                "set +e\n(\nset -e\n{to_run})\ncode=$?\nset -e\n[ \"$code\" = {code} ] || {{ echo \"it ended with $code\"; exit 1; }}\n"
            )),
            None => script.push_str(&to_run),
        }
    }
    script.push_str("export -p >\"$ROOT/env\"\n");
    script
}

fn default_name(text: &str, position: usize) -> String {
    let has = |kind: &str| text.lines().any(|line| line.starts_with(kind));
    let ending = if has("list \"") {
        "tfquery.hcl"
    } else if has("run \"") || has("mock_provider ") {
        "tftest.hcl"
    } else {
        "tf"
    };
    format!("block_{position}.{ending}")
}

fn write_file(script: &mut String, name: &str, text: &str) {
    script.push_str(&format!(
        "mkdir -p \"$(dirname '{name}')\"\ncat >'{name}' <<'@@ END OF FILE'\n{text}@@ END OF FILE\n"
    ));
}

/// What each block printed is what the page says.
fn check(folder: &Folder, printed: &str) {
    let mut segments: BTreeMap<&str, String> = BTreeMap::new();
    let mut place = "";
    for line in printed.lines() {
        match line.strip_prefix("@@ ") {
            Some(next) => place = next,
            None => {
                let segment = segments.entry(place).or_default();
                segment.push_str(line);
                segment.push('\n');
            }
        }
    }
    let mut before = String::new();
    for block in &folder.blocks {
        let segment = segments.remove(block.place.as_str()).unwrap_or_default();
        if block.kind() == Kind::Output {
            is_in(&block.text, &before).unwrap_or_else(|line| {
                panic!(
                    "{}: {line:?} is not in what is printed:\n{before}",
                    block.place
                )
            });
            continue;
        }
        let said = unwrapped(&segment);
        let expected: Vec<_> = block.told("expect").collect();
        for text in &expected {
            assert!(
                said.contains(&unwrapped(text)),
                "{}: {text:?} is not in:\n{segment}",
                block.place
            );
        }
        // What an override and a provider from a folder always say, and pages tell of.
        let warned = [
            "Provider development overrides are in effect",
            "Incomplete lock file information for providers",
        ]
        .into_iter()
        .chain(block.told("may warn"))
        .fold(said, |said, known| {
            said.replace(&format!("Warning: {known}"), "")
        });
        for mark in ["Warning: ", "Error: "] {
            assert!(
                !warned.contains(mark) || expected.iter().any(|text| text.starts_with(mark)),
                "{}: the page tells of no {mark:?}:\n{segment}",
                block.place
            );
        }
        before = segment;
    }
}

/// Whether these lines are in what is printed, in their order, wherever the CLI breaks its lines; `…` stands for
/// anything. The first that is not, else.
fn is_in<'a>(lines: &'a str, printed: &str) -> Result<(), &'a str> {
    let printed = unwrapped(printed);
    let mut rest = printed.as_str();
    for line in lines.lines() {
        for part in line.split('…') {
            match rest.split_once(&unwrapped(part)) {
                Some((_, after)) => rest = after,
                None => return Err(line),
            }
        }
    }
    Ok(())
}

/// The comparison of outputs can fail.
pub(crate) fn outputs_are_compared() {
    let printed = "a 1 b\nc\nd 22 e\n";
    assert_eq!(is_in("a … b\nd … e\n", printed), Ok(()));
    assert_eq!(is_in("d … e\na … b\n", printed), Err("a … b"));
    assert_eq!(is_in("…\nc\n…\n", printed), Ok(()));
    assert_eq!(is_in("x\n", printed), Err("x"));
}
