//! A broker that breaks while it is watched.

use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use mqttspec_engine::{BrokerControl, Clock};
use mqttspec_script::plan::Stop;
use mqttspec_script::profile::{Profile, Transport};
use mqttspec_sut::Sut;

/// The reference broker, until a file tells the program to break.
const PROFILE: &str = "\
name: breaks
files:
  run.sh: |
    TOOL broker --listen 127.0.0.1:{{port}} &
    until [ -e SIGNAL ]; do sleep 0.05; done
    echo 'thread main panicked at src/router.rs:12:5:'
    kill -ABRT $$
start: sh {{dir}}/run.sh
";

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_seen_once_with_what_was_written_and_held() {
    let signal = env::temp_dir().join(format!("mqttspec-watching-{}", std::process::id()));
    let _ = fs::remove_file(&signal);
    let text = PROFILE
        .replace("TOOL", env!("CARGO_BIN_EXE_mqttspec"))
        .replace("SIGNAL", &signal.display().to_string());
    let profile =
        Profile::read("broker.yaml", text).unwrap_or_else(|errors| panic!("{}", errors[0].render(false)));
    let broker = Sut::start(profile, Path::new("."), Transport::Tcp).await.unwrap();
    assert_eq!(broker.trouble(), None);

    fs::write(&signal, "").unwrap();
    let clock = Clock::start();
    let mut seen = Vec::new();
    while !seen.iter().any(|one: &String| one.contains("signal")) {
        assert!(clock.now() < Duration::from_secs(30), "no end was seen: {seen:?}");
        seen.extend(broker.trouble());
        clock.pause(Duration::from_millis(20)).await;
    }
    fs::remove_file(&signal).unwrap();
    let seen = seen.join("; ");
    for words in [
        "it was ended by signal 6 (SIGABRT); it last held ",
        "it wrote `thread main panicked at src/router.rs:12:5:`",
    ] {
        assert!(seen.contains(words), "{seen}");
    }
    assert_eq!(broker.trouble(), None, "it is told once");
    assert!(BrokerControl::log(&broker).iter().any(|line| line.contains("panicked at")));

    broker.restart(Stop::Orderly).await.unwrap();
    assert_eq!(broker.trouble(), None, "what was before the restart is over");
    broker.stop().await.unwrap();
}
