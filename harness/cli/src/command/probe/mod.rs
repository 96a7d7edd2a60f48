//! `mqttspec probe`.

mod declares;
mod listeners;
mod show;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mqttspec_codec::Version;
use mqttspec_engine::{Clock, RunName, Survey, Unserved, survey};
use mqttspec_reports::file;
use mqttspec_script::profile::Declared;
use mqttspec_sut::{compare, declared_versions};
use tokio::runtime::Runtime;

use super::Failure;
use crate::arguments::ProbeArguments;
use crate::exit::Exit;
use crate::under_test::UnderTest;
use listeners::Heard;
use show::Probed;

pub(super) fn probe(arguments: &ProbeArguments) -> Result<Exit, Failure> {
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    runtime.block_on(async {
        let under_test = UnderTest::find(&arguments.under_test).await?;
        let probed = ask(arguments, &under_test).await;
        under_test.leave().await;
        let probed = probed?;
        let mut stdout = anstream::stdout().lock();
        match arguments.declares {
            true => declares::write(&mut stdout, &probed.rows)?,
            false => probed.write(&mut stdout)?,
        }
        if let Some(path) = &arguments.json {
            file::write_atomically(path, |writer| probed.write_json(writer))
                .map_err(|error| Failure::usage(error.to_string()))?;
        }
        Ok(if probed.contradictions().is_empty() { Exit::Expected } else { Exit::Unexpected })
    })
}

async fn ask(arguments: &ProbeArguments, under_test: &UnderTest) -> Result<Probed, Failure> {
    let clock = Clock::start();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let name = RunName::new(seconds);
    let versions = arguments.version.map_or_else(|| Version::ALL.to_vec(), |version| vec![version]);
    let connector = Arc::clone(&under_test.connector);
    let one = async |version: Version| match versions.contains(&version) {
        true => Some((version, survey(&*connector, clock, version, name).await)),
        false => None,
    };
    let (older, newer) = tokio::join!(one(Version::V3_1_1), one(Version::V5_0));
    let mut surveys = Vec::new();
    let mut unserved = Vec::new();
    for (version, outcome) in older.into_iter().chain(newer) {
        match outcome {
            Ok(survey) => surveys.push(survey),
            Err(why) => unserved.push((version, why)),
        }
    }
    if surveys.is_empty() {
        return Err(nobody_served(&unserved));
    }
    let mut heard = Vec::new();
    for way in &under_test.ways {
        heard.push(Heard::at(way, clock, name, &versions).await);
    }
    let profile = under_test.profile.as_ref();
    let declared = profile.map_or_else(Declared::default, |profile| profile.declares.clone());
    Ok(Probed {
        broker: under_test.name.clone(),
        version: under_test.version.clone(),
        address: connector.address(),
        has_profile: profile.is_some(),
        declared_versions: profile
            .map(declared_versions)
            .unwrap_or_default()
            .into_iter()
            .filter(|version| versions.contains(version))
            .collect(),
        rows: compare(&declared, &surveys),
        versions: surveys.iter().map(|survey: &Survey| survey.version).collect(),
        unserved,
        heard,
    })
}

fn nobody_served(unserved: &[(Version, Unserved)]) -> Failure {
    let all: Vec<String> = unserved.iter().map(|(version, why)| format!("MQTT {version}: {why}")).collect();
    let is_refused = unserved.iter().any(|(_, why)| matches!(why, Unserved::Refused(_)));
    let advice = if is_refused {
        "\nIf it serves nobody without an account, --user NAME --password PASSWORD names one"
    } else {
        ""
    };
    Failure::new(Exit::Broker, format!("the broker serves no plain client\n  {}{advice}", all.join("\n  ")))
}
