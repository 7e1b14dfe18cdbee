use super::*;

fn parsed(arguments: &[&str]) -> Result<Command, String> {
    parse(arguments.iter().map(OsString::from)).map_err(|error| error.to_string())
}

#[test]
fn no_argument_serves() {
    assert_eq!(parsed(&[]), Ok(Command::Serve));
}

#[test]
fn each_option_has_its_command() {
    assert_eq!(parsed(&["--debug"]), Ok(Command::Debug));
    assert_eq!(parsed(&["--version"]), Ok(Command::Version));
    assert_eq!(parsed(&["-V"]), Ok(Command::Version));
    assert_eq!(parsed(&["--help"]), Ok(Command::Help));
    assert_eq!(parsed(&["-h"]), Ok(Command::Help));
}

#[test]
fn help_takes_precedence_over_version_and_version_over_debug() {
    assert_eq!(parsed(&["--debug", "--help", "-V"]), Ok(Command::Help));
    assert_eq!(parsed(&["-V", "--help"]), Ok(Command::Help));
    assert_eq!(parsed(&["--version", "--debug"]), Ok(Command::Version));
}

#[test]
fn anything_else_is_refused_by_name() {
    assert_eq!(
        parsed(&["--verbose"]),
        Err("invalid option '--verbose'".into())
    );
    assert_eq!(
        parsed(&["serve"]),
        Err("unexpected argument \"serve\"".into())
    );
    assert!(parsed(&["--debug=yes"]).is_err());
}

#[test]
fn the_usage_names_every_option() {
    let metadata = ProviderMetadata {
        name: "terraform-provider-example",
        version: "1.2.3",
        address: "example/example",
        purpose: "Examples, declared",
    };
    let usage = usage(&metadata);
    for part in [
        "terraform-provider-example 1.2.3",
        "Examples, declared",
        "--debug",
        "--version",
        "--help",
    ] {
        assert!(usage.contains(part), "{part} is missing in:\n{usage}");
    }
}
