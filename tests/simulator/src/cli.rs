//! The command line: read into values, nothing done yet.

use std::path::PathBuf;

use lexopt::Arg::{Long, Short, Value};
use lexopt::{Parser, ValueExt};
use serde_json::{Map, json};

/// The help.
pub(crate) const USAGE: &str = "\
A simulator of the Immuta Request app's webhook API, on loopback.

immuta-simulator [serve] [OPTION…]         serve until SIGINT or SIGTERM
  --port N                 listen on this port (default: a free one)
  --token TOKEN            let this token in (default: a random one)
  --https                  speak TLS with a CA of its own
  --ca-file FILE           with --https: write the CA's certificate there
  --webhooks N             hold so many webhooks from the start
  --latency-ms N           add this to every call
  --receiver               start a receiver of webhooks too, and print a line for each delivery
  --receiver-https         the same over TLS; the simulator trusts its CA
  --signing-key KEY        the receiver verifies deliveries with this key
  --ready-file FILE        write the lines below there too, once everything is up
  --until-stdin-closes     quit also when standard input closes
Prints, one a line: IMMUTA_ENDPOINT=…, IMMUTA_TOKEN=…, IMMUTA_CA_CERT_FILE=… (with --ca-file), RECEIVER_URL=… (with a
receiver), READY=1, and then `delivery verified|unverified|received PATH` for each delivery.

immuta-simulator insert [AT] url=URL [FIELD=VALUE…]    make a webhook out of band; prints its id
immuta-simulator edit   [AT] ID FIELD=VALUE…           change a webhook out of band
immuta-simulator remove [AT] ID                        remove a webhook out of band
immuta-simulator show   [AT] [--json] [WHAT]           webhooks (default), requests, deliveries, faults or behaviour
immuta-simulator fault  [AT] JSON|clear                set a fault, or take all back
immuta-simulator behave [AT] NAME=JSON…                change switches of the behaviour
  AT is --url-of URL, the endpoint that serve printed (default: $IMMUTA_ENDPOINT), and --ca-file FILE for https
  FIELD is url, verifyTls, signingKey (an empty value takes the key away) or suppressed";

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Serve(ServeOptions),
    Remote(RemoteCall),
}

/// How to serve.
#[derive(Default, PartialEq)]
pub(crate) struct ServeOptions {
    pub(crate) port: u16,
    pub(crate) token: Option<String>,
    pub(crate) https: bool,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) webhooks: usize,
    pub(crate) latency_ms: u64,
    pub(crate) receiver: Option<Scheme>,
    pub(crate) signing_key: Option<String>,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) until_stdin_closes: bool,
}

/// Shows neither the token nor the key.
impl std::fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServeOptions").finish_non_exhaustive()
    }
}

/// What the receiver speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// A call of the admin routes of a simulator that serves.
#[derive(Debug, PartialEq)]
pub(crate) struct RemoteCall {
    /// The simulator's endpoint; its path does not matter.
    pub(crate) base: String,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) method: &'static str,
    /// Below the admin path.
    pub(crate) path: String,
    pub(crate) body: Option<serde_json::Value>,
    pub(crate) print: Print,
}

/// What of the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Print {
    Nothing,
    Id,
    Lines,
    Json,
}

/// Reads the command line.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, lexopt::Error> {
    let mut serve = ServeOptions::default();
    let mut words: Vec<String> = Vec::new();
    let mut url_of = None;
    let mut as_json = false;
    let mut serve_only = Vec::new();
    while let Some(arg) = parser.next()? {
        if let Long(name) = &arg
            && !matches!(*name, "help" | "url-of" | "json" | "ca-file")
        {
            serve_only.push((*name).to_owned());
        }
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("port") => serve.port = parser.value()?.parse()?,
            Long("token") => serve.token = Some(parser.value()?.string()?),
            Long("https") => serve.https = true,
            Long("ca-file") => serve.ca_file = Some(parser.value()?.into()),
            Long("webhooks") => serve.webhooks = parser.value()?.parse()?,
            Long("latency-ms") => serve.latency_ms = parser.value()?.parse()?,
            Long("receiver") => serve.receiver = Some(Scheme::Http),
            Long("receiver-https") => serve.receiver = Some(Scheme::Https),
            Long("signing-key") => serve.signing_key = Some(parser.value()?.string()?),
            Long("ready-file") => serve.ready_file = Some(parser.value()?.into()),
            Long("until-stdin-closes") => serve.until_stdin_closes = true,
            Long("url-of") => url_of = Some(parser.value()?.string()?),
            Long("json") => as_json = true,
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let mut words = words.into_iter();
    let verb = words.next().unwrap_or_else(|| "serve".to_owned());
    let words: Vec<String> = words.collect();
    if verb == "serve" {
        return match words.first() {
            Some(word) => Err(format!("serve takes no {word:?}").into()),
            None if url_of.is_some() || as_json => {
                Err("serve takes neither --url-of nor --json".into())
            }
            None if serve.ca_file.is_some() && !serve.https => {
                Err("--ca-file needs --https".into())
            }
            None if serve.signing_key.is_some() && serve.receiver.is_none() => {
                Err("--signing-key needs --receiver or --receiver-https".into())
            }
            None => Ok(Command::Serve(serve)),
        };
    }
    if let Some(name) = serve_only.first() {
        return Err(format!("{verb} takes no --{name}").into());
    }
    let base = url_of
        .or_else(|| std::env::var("IMMUTA_ENDPOINT").ok())
        .ok_or("--url-of is missing, and IMMUTA_ENDPOINT is not set")?;
    let (method, path, body, print) = remote(&verb, &words, as_json)?;
    Ok(Command::Remote(RemoteCall {
        base,
        ca_file: serve.ca_file,
        method,
        path,
        body,
        print,
    }))
}

type Remote = (&'static str, String, Option<serde_json::Value>, Print);

/// The admin call that a verb with its words is.
fn remote(verb: &str, words: &[String], as_json: bool) -> Result<Remote, lexopt::Error> {
    let id = || -> Result<&str, lexopt::Error> {
        let word = words.first().ok_or("the webhook's id is missing")?;
        uuid::Uuid::parse_str(word).map_err(|_| format!("{word:?} is no id of a webhook"))?;
        Ok(word)
    };
    let rest = words.get(1..).unwrap_or_default();
    Ok(match verb {
        "insert" => ("POST", "webhooks".into(), Some(fields(words)?), Print::Id),
        "edit" => {
            let path = format!("webhooks/{}", id()?);
            ("PATCH", path, Some(fields(rest)?), Print::Nothing)
        }
        "remove" => (
            "DELETE",
            format!("webhooks/{}", id()?),
            None,
            Print::Nothing,
        ),
        "show" => {
            let what = words.first().map_or("webhooks", String::as_str);
            let known = ["webhooks", "requests", "deliveries", "faults", "behaviour"];
            if !known.contains(&what) {
                return Err(format!("there is no {what:?} to show").into());
            }
            let lines = !as_json && !matches!(what, "faults" | "behaviour");
            let print = if lines { Print::Lines } else { Print::Json };
            ("GET", what.to_owned(), None, print)
        }
        "fault" => match words.first().map(String::as_str) {
            Some("clear") => ("DELETE", "faults".into(), None, Print::Nothing),
            Some(text) => {
                let fault: immuta_simulator::Fault =
                    serde_json::from_str(text).map_err(|error| error.to_string())?;
                let body = serde_json::to_value(fault).map_err(|error| error.to_string())?;
                ("POST", "faults".into(), Some(body), Print::Id)
            }
            None => return Err("the fault is missing".into()),
        },
        "behave" => {
            let mut switches = Map::new();
            for word in words {
                let (name, value) = split(word)?;
                let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
                switches.insert(name.to_owned(), value);
            }
            (
                "PATCH",
                "behaviour".into(),
                Some(switches.into()),
                Print::Nothing,
            )
        }
        other => return Err(format!("there is no command {other:?}").into()),
    })
}

fn split(word: &str) -> Result<(&str, &str), lexopt::Error> {
    word.split_once('=')
        .ok_or_else(|| "what is to be set is written FIELD=VALUE".into())
}

/// `FIELD=VALUE` words as the body of an edit.
fn fields(words: &[String]) -> Result<serde_json::Value, lexopt::Error> {
    let mut fields = Map::new();
    for word in words {
        let (name, value) = split(word)?;
        let value = match name {
            "url" => json!(value),
            "signingKey" if value.is_empty() => json!(null),
            "signingKey" => json!(value),
            "verifyTls" | "suppressed" => match value {
                "true" => json!(true),
                "false" => json!(false),
                _ => return Err(format!("{name} is true or false").into()),
            },
            other => return Err(format!("there is no field {other:?}").into()),
        };
        fields.insert(name.to_owned(), value);
    }
    if fields.is_empty() {
        return Err("nothing is to be set".into());
    }
    Ok(fields.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6f1c0a4e-6f5f-4d5a-9b1e-111111111111";

    fn parse_words(words: &[&str]) -> Result<Command, String> {
        parse(Parser::from_args(words)).map_err(|error| error.to_string())
    }

    fn remote_call(words: &[&str]) -> RemoteCall {
        let at = ["--url-of", "http://127.0.0.1:1/marketplace"];
        match parse_words(&[words, &at].concat()) {
            Ok(Command::Remote(call)) => call,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn serving_is_the_default() {
        assert_eq!(
            parse_words(&[]),
            Ok(Command::Serve(ServeOptions::default()))
        );
        let words = [
            "serve",
            "--port",
            "8080",
            "--receiver",
            "--signing-key=k",
            "--webhooks=3",
        ];
        let expected = ServeOptions {
            port: 8080,
            receiver: Some(Scheme::Http),
            signing_key: Some("k".into()),
            webhooks: 3,
            ..ServeOptions::default()
        };
        assert_eq!(parse_words(&words), Ok(Command::Serve(expected)));
    }

    #[test]
    fn edits_become_admin_calls() {
        let call = remote_call(&[
            "edit",
            ID,
            "url=https://h/?a=b",
            "verifyTls=false",
            "signingKey=",
        ]);
        assert_eq!(
            (call.method, call.path),
            ("PATCH", format!("webhooks/{ID}"))
        );
        let body = json!({ "url": "https://h/?a=b", "verifyTls": false, "signingKey": null });
        assert_eq!(call.body, Some(body));

        let call = remote_call(&["insert", "url=https://h/"]);
        assert_eq!(
            (call.method, call.path.as_str(), call.print),
            ("POST", "webhooks", Print::Id)
        );
        let call = remote_call(&["show"]);
        assert_eq!((call.path.as_str(), call.print), ("webhooks", Print::Lines));
        let call = remote_call(&["behave", "put=full", "absent=[\"get\"]"]);
        assert_eq!(call.body, Some(json!({ "put": "full", "absent": ["get"] })));
    }

    #[test]
    fn mistakes_are_named() {
        let at = "--url-of=http://127.0.0.1:1";
        let cases: [(&[&str], &str); 9] = [
            (&["dance", at], "there is no command \"dance\""),
            (&["edit", at], "the webhook's id is missing"),
            (
                &["edit", at, "../x", "url=u"],
                "\"../x\" is no id of a webhook",
            ),
            (&["edit", at, ID], "nothing is to be set"),
            (
                &["edit", at, ID, "colour=red"],
                "there is no field \"colour\"",
            ),
            (
                &["edit", at, ID, "suppressed=1"],
                "suppressed is true or false",
            ),
            (&["show", at, "--port=1"], "show takes no --port"),
            (&["serve", at], "serve takes neither --url-of nor --json"),
            (
                &["--signing-key=k"],
                "--signing-key needs --receiver or --receiver-https",
            ),
        ];
        for (words, expected) in cases {
            assert_eq!(parse_words(words), Err(expected.to_owned()), "{words:?}");
        }
    }
}
