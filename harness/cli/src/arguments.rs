//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;
use mqttspec_codec::{Citation, Version};
use mqttspec_engine::transport::Target;
use mqttspec_script::capability;
use mqttspec_script::profile::Transport;

use crate::command::ReportFiles;
use crate::command::baseline::BaselineArguments;
use crate::connection::ConnectionArguments;
use crate::selection::SelectionArguments;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0   every selected case ended as expected
  1   a case failed, could not be decided, or was flaky, or the baseline says otherwise
  2   wrong usage, or a mistake in a case, a baseline, a profile or the configuration
  3   the broker could not be reached, or stopped answering
  4   the selection chose nothing, or nothing that could be played on this broker
  5   the broker crashed, told of a breakdown, or fell silent and had to be started again
  70  a defect of mqttspec";

/// Puts any MQTT broker to the test against the statements of MQTT 3.1.1 and 5.0.
#[derive(Debug, Parser)]
#[command(name = "mqttspec", version, styles = STYLES, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the suite against a broker; without --broker, --sut or --profile, against the built-in reference broker.
    #[command(after_help = "\
Examples:
  mqttspec run
  mqttspec run --broker 127.0.0.1:1883
  mqttspec run --sut mosquitto
  mqttspec run --profile my-broker.yaml
  mqttspec run --broker 127.0.0.1:1883 --version 5.0 'connect/*'
  mqttspec run --broker mqtts://localhost:8883 --ca ca.pem
  mqttspec run --broker 127.0.0.1:1883 --websocket ws://127.0.0.1:8080/mqtt
  mqttspec run --broker 127.0.0.1:1883 MQTT-3.1.0-2 3.14 --junit out.xml --json out.json
  mqttspec run --sut mosquitto --markdown summary.md --pcap captures
  mqttspec run --sut mosquitto -E 'section(3.1) and not tag(resource)' --fail-fast
  mqttspec run --sut mosquitto --baseline known.yaml
  mqttspec run --sut mosquitto --rerun-failed out.json --stress 20")]
    Run(Box<RunArguments>),
    /// Write reports from the JSON record of a run, without running it again.
    #[command(after_help = "\
Examples:
  mqttspec report out.json --html report.html
  mqttspec report out.json --statement statement.html
  mqttspec report out.json --junit report.xml --markdown summary.md
  mqttspec report out.json --pcap captures --pcap-all")]
    Report(ReportArguments),
    /// Compare the JSON records of several brokers, or of several versions of one; prints Markdown unless told otherwise.
    #[command(after_help = "\
Examples:
  mqttspec compare mosquitto.json rabbitmq.json
  mqttspec compare old.json new.json --html comparison.html")]
    Compare(CompareArguments),
    /// List the cases, or how far they cover the specification.
    #[command(after_help = "\
Examples:
  mqttspec list
  mqttspec list --version 3.1.1 3.1.2
  mqttspec list --coverage")]
    List(ListArguments),
    /// Explain a statement: what it demands, whether a client can see it broken, and its cases.
    #[command(after_help = "\
Examples:
  mqttspec explain 5.0 MQTT-3.1.2-22
  mqttspec explain MQTT-3.1.2-22")]
    Explain(ExplainArguments),
    /// Check case files: form, statements, legality of what is sent, fences, controls.
    #[command(after_help = "\
Examples:
  mqttspec lint
  mqttspec lint cases
  mqttspec lint cases/connect/keep-alive.yaml")]
    Lint(LintArguments),
    /// Bring case files into their canonical layout.
    #[command(after_help = "\
Examples:
  mqttspec fmt cases
  mqttspec fmt --check cases")]
    Fmt(FmtArguments),
    /// Prove that the cases can fail: turn off one rule of the reference broker after the other.
    #[command(after_help = "\
Examples:
  mqttspec audit
  mqttspec audit --short
  mqttspec audit --cross --json audit.json")]
    Audit(AuditArguments),
    /// Make a file of known deviations for `run --baseline`, or explain one.
    #[command(after_help = "\
Examples:
  mqttspec baseline write out.json --output known.yaml
  mqttspec baseline write out.json --reason 'as in release 2.0' --output known.yaml
  mqttspec baseline explain known.yaml
  mqttspec baseline explain known.yaml out.json")]
    Baseline(BaselineArguments),
    /// Serve the reference broker over TCP, TLS, WebSocket or a Unix socket, for whoever tests clients or tools.
    #[command(after_help = "\
Examples:
  mqttspec broker
  mqttspec broker --listen 127.0.0.1:1883 --listen ws://127.0.0.1:8080
  mqttspec broker --listen mqtts://127.0.0.1:8883 --cert cert.pem --key key.pem
  mqttspec broker --without '5.0 MQTT-3.3.1-6' --without 3.1.1/MQTT-3.12.4-1
  mqttspec broker --config choices.yaml")]
    Broker(BrokerArguments),
    /// Fuzz a broker, with the specification as the oracle: malformed packets must end the connection, unusual ones
    /// must be answered, and whatever the broker sends must be legal.
    #[command(after_help = "\
Examples:
  mqttspec fuzz --time 60
  mqttspec fuzz --sut mosquitto --time 60 --findings findings
  mqttspec fuzz --broker 127.0.0.1:1883 --version 5.0 --seed 7 --sessions 10000
  mqttspec fuzz --without 5.0/MQTT-1.5.4-1 --sessions 5000
  mqttspec fuzz replay --sut mosquitto findings/FINDING.yaml
  mqttspec fuzz merge all part-1 part-2")]
    Fuzz(Box<FuzzArguments>),
    /// Find out what a broker supports and where its limits are, and set it beside what its profile declares.
    #[command(after_help = "\
Examples:
  mqttspec probe --broker 127.0.0.1:1883
  mqttspec probe --sut mosquitto
  mqttspec probe --broker 127.0.0.1:1883 --profile my-broker.yaml --json probe.json
  mqttspec probe --profile my-broker.yaml --declares >> my-broker.yaml

Exit codes:
  0   nothing contradicts the profile
  1   the broker is not as its profile declares
  2   wrong usage, or a mistake in the profile
  3   the broker could not be reached, or serves no plain client")]
    Probe(Box<ProbeArguments>),
    /// Print the JSON Schema of case files, or of profiles.
    Schema(SchemaArguments),
    /// Write seeds for fuzzers of brokers and codecs: every packet that the suite sends, as bytes.
    #[command(after_help = "\
Examples:
  mqttspec corpus fuzz/corpus
  mqttspec corpus --dictionary > mqtt.dict")]
    Corpus(CorpusArguments),
    /// Print bytes as annotated packets, or say which statement they break and where.
    #[command(after_help = "\
Examples:
  mqttspec decode 'c0 00'
  mqttspec decode --version 5.0 --from server 20 03 00 00 00
  mqttspec decode --file capture.bin")]
    Decode(DecodeArguments),
    /// Print a script that lets a shell complete the words of this command line.
    #[command(after_help = "\
Examples:
  mqttspec completions bash > ~/.local/share/bash-completion/completions/mqttspec
  mqttspec completions zsh > ~/.zfunc/_mqttspec
  mqttspec completions fish > ~/.config/fish/completions/mqttspec.fish")]
    Completions(CompletionsArguments),
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    #[command(flatten)]
    pub(crate) under_test: BrokerChoice,
    /// Known deviations: cases that end as this file says are expected, and all that is not as it says makes the run
    /// fail, better results and entries that fit no case included.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The broker's version, for entries of the baseline that hold for some versions only.
    #[arg(long, value_name = "VERSION")]
    pub(crate) broker_version: Option<String>,
    /// Play each case so many times; cases whose verdicts differ are flaky.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) stress: u32,
    /// End the run at the first case that does not end as expected, or at so many.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "1",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) fail_fast: Option<u32>,
    /// Take options from this file instead of mqttspec.yaml in the working folder; those of the command line win.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How many cases run at once.
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub(crate) jobs: usize,
    /// How long an answer may take, in seconds, instead of a time derived from the measured round trip.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Write the whole record as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reports: ReportFiles,
    /// Play the cases that cost the broker memory, time or connections as well.
    #[arg(long)]
    pub(crate) resource_cases: bool,
    /// Say that --resource-cases may load a broker on another machine.
    #[arg(long, requires = "resource_cases")]
    pub(crate) i_own_this_broker: bool,
    /// Take the cases of a folder or a file instead of those built in.
    #[arg(long, value_name = "PATH")]
    pub(crate) cases: Option<PathBuf>,
    /// Show more: once for lenient cases and recorded choices, twice for all timelines.
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// The record of a run, as `run --json` writes it.
    #[arg(value_name = "RUN.json")]
    pub(crate) record: PathBuf,
    #[command(flatten)]
    pub(crate) reports: ReportFiles,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// Records of runs, as `run --json` writes them.
    #[arg(value_name = "RUN.json", required = true, num_args = 2..)]
    pub(crate) records: Vec<PathBuf>,
    /// Write the comparison as one HTML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the comparison as Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
}

/// The broker under test; the built-in reference broker if nothing is said.
#[derive(Debug, Args)]
pub(crate) struct BrokerChoice {
    /// The broker under test, which runs already: HOST:PORT, or mqtt://, mqtts://, ws:// or wss:// with HOST:PORT,
    /// or unix:///PATH.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) broker: Option<Target>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
    /// Start the broker under test from a built-in profile: its name. With --broker only what the profile declares counts.
    #[arg(long, value_name = "NAME")]
    pub(crate) sut: Option<String>,
    /// The same with a profile of one's own.
    #[arg(long, value_name = "FILE", conflicts_with = "sut")]
    pub(crate) profile: Option<PathBuf>,
    /// How cases reach a broker that is started from a profile: tcp, tls, websocket or secure-websocket.
    #[arg(long, value_name = "TRANSPORT", conflicts_with = "broker")]
    pub(crate) transport: Option<Transport>,
    /// The User Name that a running broker demands of every client.
    #[arg(long, value_name = "NAME", requires = "broker")]
    pub(crate) user: Option<String>,
    /// The Password that goes with --user.
    #[arg(long, value_name = "PASSWORD", requires = "user")]
    pub(crate) password: Option<String>,
    /// What the broker offers although no CONNACK says so, such as `auth`: a word of `needs` (docs/case-language.md).
    /// Can be given several times.
    #[arg(long, value_name = "CAPABILITY", value_parser = provided)]
    pub(crate) provides: Vec<&'static str>,
}

#[derive(Debug, Args)]
pub(crate) struct ProbeArguments {
    #[command(flatten)]
    pub(crate) under_test: BrokerChoice,
    /// Speak only one version.
    #[arg(long, value_name = "3.1.1|5.0")]
    pub(crate) version: Option<Version>,
    /// Print what was found out as the `declares` of a profile, instead of a table.
    #[arg(long)]
    pub(crate) declares: bool,
    /// Write what was found out as JSON as well.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct FuzzArguments {
    #[command(subcommand)]
    pub(crate) action: Option<FuzzAction>,
    #[command(flatten)]
    pub(crate) under_test: BrokerChoice,
    /// Break a statement of the reference broker, to see it found. Can be given several times.
    #[arg(long, value_name = "STATEMENT", value_parser = citation, conflicts_with_all = ["broker", "sut", "profile"])]
    pub(crate) without: Vec<Citation>,
    /// Speak only one version.
    #[arg(long, value_name = "3.1.1|5.0")]
    pub(crate) version: Option<Version>,
    /// How long sessions are played, in seconds; findings are confirmed and minimised after that.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, required_unless_present_any = ["sessions", "only"])]
    pub(crate) time: Option<Duration>,
    /// How many sessions are played at most.
    #[arg(long, value_name = "N")]
    pub(crate) sessions: Option<u64>,
    /// What the random sessions are made from: the same seed makes the same sessions.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Play only the session with this number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) only: Option<u64>,
    /// Play one part of the sessions, for a campaign on several machines: 2/3 is the second of three.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<(u64, u64)>,
    /// How many sessions are played at once.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(crate) jobs: usize,
    /// Write each finding as a case into a folder, for `mqttspec run --cases FOLDER`, with a capture and the broker's log
    /// beside it.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) findings: Option<PathBuf>,
    /// Go on where the campaign stopped whose findings are in the folder.
    #[arg(long, requires = "findings")]
    pub(crate) resume: bool,
    /// Fuzz a broker that is not on this machine.
    #[arg(long)]
    pub(crate) i_own_this_broker: bool,
}

/// What is done with findings.
#[derive(Debug, Subcommand)]
pub(crate) enum FuzzAction {
    /// Play a finding again, and say how often it shows.
    Replay(Box<FuzzReplayArguments>),
    /// Put the findings of several campaigns, the parts of one for instance, into one folder, each defect once.
    Merge(FuzzMergeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct FuzzReplayArguments {
    #[command(flatten)]
    pub(crate) under_test: BrokerChoice,
    /// The finding, as `mqttspec fuzz --findings` writes it.
    #[arg(value_name = "FINDING.yaml")]
    pub(crate) finding: PathBuf,
    /// Break a statement of the reference broker. Can be given several times.
    #[arg(long, value_name = "STATEMENT", value_parser = citation, conflicts_with_all = ["broker", "sut", "profile"])]
    pub(crate) without: Vec<Citation>,
    /// How often it is played, on a fresh broker each time if the broker was started here.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) times: u32,
    /// Fuzz a broker that is not on this machine.
    #[arg(long)]
    pub(crate) i_own_this_broker: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FuzzMergeArguments {
    /// The folder that the findings are put into.
    #[arg(value_name = "INTO")]
    pub(crate) into: PathBuf,
    /// The folders that they are taken from.
    #[arg(value_name = "FOLDER", required = true)]
    pub(crate) folders: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    /// Show how many of the testable statements have cases, and which have none.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Take the cases of a folder or a file instead of those built in.
    #[arg(long, value_name = "PATH")]
    pub(crate) cases: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Each an id behind its version, or an id alone for both versions.
    #[arg(value_name = "[VERSION] STATEMENT", required = true)]
    pub(crate) statements: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    /// Files or folders; the built-in suite if there are none.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArguments {
    /// Files or folders.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 if a file is not in its canonical layout.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// Leave out the table of all switches.
    #[arg(long)]
    pub(crate) short: bool,
    /// Show as well which cases fail for the most switches of statements that they do not cover.
    #[arg(long)]
    pub(crate) cross: bool,
    /// Write the audit as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Take the cases of a folder or a file instead of those built in, and turn off only the rules that they cover.
    #[arg(long, value_name = "PATH")]
    pub(crate) cases: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BrokerArguments {
    /// Where to listen: HOST:PORT, or mqtt://, mqtts://, ws:// or wss:// with HOST:PORT, or unix:///PATH. Port 0
    /// takes a free port. Can be given several times.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1883")]
    pub(crate) listen: Vec<Target>,
    /// The certificate chain (PEM) for TLS.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key (PEM) of --cert.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Serve over TLS only clients with a certificate from one of these authorities (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) ca: Option<PathBuf>,
    /// Break a statement: its version and id, with a space or a slash between. Can be given several times.
    #[arg(long, value_name = "STATEMENT", value_parser = citation)]
    pub(crate) without: Vec<Citation>,
    /// A YAML file with choices that the specification leaves to a broker, such as `maximum_qos: 1`.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// Which files the schema is for.
    #[arg(value_name = "KIND", value_parser = ["cases", "profile"], default_value = "cases")]
    pub(crate) kind: String,
}

#[derive(Debug, Args)]
pub(crate) struct CorpusArguments {
    /// The folder to write to, in which each fuzz target gets a folder of its own.
    #[arg(value_name = "FOLDER", required_unless_present = "dictionary")]
    pub(crate) folder: Option<PathBuf>,
    /// Print a dictionary for libFuzzer and AFL++ instead: packets, properties and strings that mean something.
    #[arg(long, conflicts_with_all = ["folder", "cases"])]
    pub(crate) dictionary: bool,
    /// Take the cases of a folder or a file instead of those built in.
    #[arg(long, value_name = "PATH")]
    pub(crate) cases: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DecodeArguments {
    /// Bytes in hex; white space, commas and 0x are passed over.
    #[arg(value_name = "HEX", required_unless_present = "file", conflicts_with = "file")]
    pub(crate) hex: Vec<String>,
    /// Read bytes from a file as they are.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The version that the bytes speak; by default that of a CONNECT among them, else 5.0.
    #[arg(long, value_name = "3.1.1|5.0")]
    pub(crate) version: Option<Version>,
    /// Who sent the bytes; by default the side that sends the first packet's type.
    #[arg(long, value_name = "client|server", value_parser = ["client", "server"])]
    pub(crate) from: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

fn citation(text: &str) -> Result<Citation, String> {
    let (version, id) = text
        .split_once([' ', '/'])
        .ok_or_else(|| format!("`{text}` names no version, expected 3.1.1/{text} or 5.0/{text}"))?;
    let version = version.parse().map_err(|error| format!("{error}"))?;
    let id = id.parse().map_err(|error| format!("{error}"))?;
    Ok(Citation { version, id })
}

fn shard(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('/').and_then(|(one, all)| Some((one.parse().ok()?, all.parse().ok()?)));
    parts
        .filter(|(one, all)| (1..=*all).contains(one))
        .ok_or_else(|| format!("`{text}` is no part of a whole, expected a form like 2/3"))
}

fn provided(text: &str) -> Result<&'static str, String> {
    // Nobody but this tool can start a broker again that it has not started.
    capability(text).filter(|&word| word != "restart").ok_or_else(|| {
        format!("`{text}` is no capability that a broker can offer; docs/case-language.md lists them under `needs`")
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is no number of seconds"))?;
    match Duration::try_from_secs_f64(number) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err("expected a time above zero".to_owned()),
    }
}
