//! `mqttspec fuzz replay`.

use std::io::Write;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_fuzzer::{Campaign, Plan, Replayed, Subject};
use tokio::runtime::Runtime;

use super::super::Failure;
use super::check_own;
use super::finding_file::Origin;
use crate::arguments::FuzzReplayArguments;
use crate::exit::Exit;
use crate::suite;
use crate::under_test::UnderTest;

pub(super) fn replay(arguments: &FuzzReplayArguments) -> Result<Exit, Failure> {
    check_own(&arguments.under_test, arguments.i_own_this_broker)?;
    let text = suite::read_file(&arguments.finding).map_err(Failure::from)?;
    let origin = Origin::read(&arguments.finding, &text)?;
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    let replayed = runtime.block_on(play(arguments, &origin))?.ok_or_else(|| {
        Failure::usage(format!(
            "{} was written by another version of mqttspec: its seed makes other sessions now",
            arguments.finding.display()
        ))
    })?;
    let mut stdout = anstream::stdout();
    for seen in &replayed.seen {
        writeln!(stdout, "{seen}")?;
    }
    let (shown, played) = (replayed.replays.shown, replayed.replays.played);
    writeln!(stdout, "{}: {shown} of {played} times", replayed.session.shape())?;
    Ok(if shown == 0 { Exit::Expected } else { Exit::Unexpected })
}

async fn play(arguments: &FuzzReplayArguments, origin: &Origin) -> Result<Option<Replayed>, Failure> {
    let wrong = |version: &str| {
        let file = arguments.finding.display();
        Failure::usage(format!("{file} names the version `{version}`, expected 3.1.1 or 5.0"))
    };
    let versions: Result<Vec<Version>, Failure> =
        origin.versions.iter().map(|version| version.parse().map_err(|_| wrong(version))).collect();
    let plan = Plan {
        seed: origin.seed,
        versions: versions?,
        first: 0,
        stride: 1,
        done: 0,
        sessions: None,
        time: None,
        jobs: 1,
    };
    let under_test = UnderTest::find_without(&arguments.under_test, &arguments.without).await?;
    let subject = Subject {
        connector: Arc::clone(&under_test.connector),
        control: under_test.control.clone(),
        provided: under_test.provides.clone(),
    };
    let prepared = Campaign::prepare(subject, plan).await;
    let campaign = prepared.map_err(|why| Failure::new(Exit::Broker, why))?;
    let replayed = campaign.replay(&origin.replay(), arguments.times).await;
    under_test.leave().await;
    Ok(replayed)
}
