//! Which versions of the CLIs can run a block, by what it says.

use terraform_cli::Needs;

use crate::blocks::{Block, Kind};

/// What each thing that a block can say needs, the most demanding first.
const NEEDS: [(&str, Needs); 22] = [
    ("caller.", CALLER),
    ("on_failure", CALLER),
    ("list \"", QUERY_AND_ACTIONS),
    ("action \"", QUERY_AND_ACTIONS),
    ("action_trigger", QUERY_AND_ACTIONS),
    ("terraform query", QUERY_AND_ACTIONS),
    ("-invoke=", QUERY_AND_ACTIONS),
    ("identity = {", Needs::versions((1, 12), (1, 12))),
    ("_wo ", Needs::versions((1, 11), (1, 11))),
    ("ephemeral \"", Needs::versions((1, 10), (1, 11))),
    ("ephemeral = true", Needs::versions((1, 10), (1, 11))),
    ("from = rest", Needs::versions((1, 8), (1, 10))),
    ("provider::", Needs::versions((1, 8), (1, 7))),
    ("id = data.", Needs::versions((1, 8), (1, 8))),
    ("mock_provider ", Needs::versions((1, 7), (1, 8))),
    ("removed {", Needs::versions((1, 7), (1, 10))),
    ("for_each = local.found", Needs::versions((1, 7), (1, 7))),
    ("run \"", Needs::versions((1, 6), (1, 6))),
    ("terraform test", Needs::versions((1, 6), (1, 6))),
    ("check \"", Needs::versions((1, 5), (1, 6))),
    ("import {", Needs::versions((1, 5), (1, 6))),
    ("-generate-config-out", Needs::versions((1, 5), (1, 6))),
];

const QUERY_AND_ACTIONS: Needs = Needs {
    terraform: Some((1, 14)),
    tofu: None,
};

const CALLER: Needs = Needs {
    terraform: Some((1, 16)),
    tofu: None,
};

/// What a block needs.
pub(crate) fn of(block: &Block) -> Needs {
    match block.kind() {
        Kind::Output => Needs::ANY,
        _ => of_text(&block.text),
    }
}

/// The versions at which both can be run.
pub(crate) fn both(one: Needs, other: Needs) -> Needs {
    let later = |one: Option<(u32, u32)>, other| one.zip(other).map(|(one, other)| one.max(other));
    Needs {
        terraform: later(one.terraform, other.terraform),
        tofu: later(one.tofu, other.tofu),
    }
}

fn of_text(text: &str) -> Needs {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    // However many blanks align an equals sign.
    let words = code.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n");
    let code: String = words.collect();
    let found = NEEDS.iter().filter(|(sign, _)| code.contains(sign));
    found.map(|(_, needs)| *needs).fold(Needs::ANY, both)
}

/// The version that a block needs is read from what it says, not from what its comments say.
pub(crate) fn are_read() {
    let cases = [
        ("resource \"immuta_webhook\" \"a\" {}\n", Needs::ANY),
        (
            "# action \"x\"\ncheck \"a\" {}\n",
            Needs::versions((1, 5), (1, 6)),
        ),
        (
            "signing_key_wo         = 1\n",
            Needs::versions((1, 11), (1, 11)),
        ),
        ("ephemeral   = true\n", Needs::versions((1, 10), (1, 11))),
        (
            "moved {\n  from = restapi_object.a\n",
            Needs::versions((1, 8), (1, 10)),
        ),
        ("check \"a\" {}\naction \"b\" \"c\" {}\n", QUERY_AND_ACTIONS),
    ];
    for (text, expected) in cases {
        assert_eq!(of_text(text), expected, "{text}");
    }
}
