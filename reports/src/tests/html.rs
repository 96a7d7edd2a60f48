//! The HTML report keeps hostile text apart from markup, and a real browser shows it without a complaint.

use std::path::Path;
use std::process::Command;

use mqttspec_spec::record::Run;

use super::{fixture, hostile};
use crate::html;

fn written(run: &Run) -> String {
    let mut file = Vec::new();
    html::write(&mut file, run, &fixture::registry()).unwrap();
    String::from_utf8(file).unwrap()
}

fn island(page: &str) -> &str {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    rest.split_once("</script>").unwrap().0
}

#[test]
fn the_island_is_json_that_ends_no_script() {
    let mut run = hostile::all_hostile();
    run.broker.name = "</script><script>alert(1)</script><!--\u{fffe}\u{202e}/*script*/".into();
    let page = written(&run);
    let island = island(&page);
    assert!(!island.contains('<'));
    hostile::assert_harmless(island);
    let value: serde_json::Value = serde_json::from_str(island).unwrap();
    assert_eq!(value["broker"]["name"], "</script><script>alert(1)</script><!--\\u{fffe}\\u{202e}/*script*/");
    assert_eq!(value["cases"].as_array().unwrap().len(), run.cases.len());
    assert_eq!(page.matches("</script>").count(), 2);
}

#[test]
fn equal_lines_of_packets_stand_in_the_file_once() {
    let page = written(&fixture::run());
    let value: serde_json::Value = serde_json::from_str(island(&page)).unwrap();
    let lines: Vec<&str> =
        value["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let distinct: std::collections::BTreeSet<&str> = lines.iter().copied().collect();
    assert_eq!(lines.len(), distinct.len());
    assert!(lines.iter().any(|line| line.contains("reason")), "{lines:?}");
}

/// Where packages put the browser.
const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// What Chromium makes of a page, and what it writes to its console.
fn shown(chromium: &Path, file: &Path, fragment: &str) -> (String, String) {
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"])
        .arg(format!("--user-data-dir={}", file.with_extension("profile").display()))
        .arg(format!("file://{}{fragment}", file.display()))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    let console: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    (String::from_utf8_lossy(&output.stdout).into_owned(), console.join("\n"))
}

#[test]
fn chromium_shows_every_page_of_a_hostile_run_without_a_complaint() {
    let Some(chromium) = CHROMIUM.map(Path::new).into_iter().find(|path| path.exists()) else {
        // Whoever has none can change the rest of the project; the gate has to have one.
        assert!(
            std::env::var_os("CI").is_none(),
            "none of {CHROMIUM:?} is there: install the package chromium"
        );
        eprintln!("SKIPPED: none of {CHROMIUM:?} is there, so no browser has looked at the HTML report");
        return;
    };
    let folder = std::env::temp_dir().join(format!("mqttspec-html-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut run = fixture::run();
    run.broker.name = "</script><img src=x onerror=console.error(1)>".into();
    run.crashes = fixture::crashes();
    let file = folder.join("report.html");
    std::fs::write(&file, written(&run)).unwrap();
    let case = "#/case?version=5.0&id=errors/utf8/surrogate";
    for (fragment, expected) in [
        ("#/", "&lt;/script&gt;&lt;img src=x onerror"),
        ("#/", "The broker crashed 2 times"),
        ("#/", r"panicked at \u{1b}[2J src/main.rs:5"),
        ("#/statements", "MQTT-3.1.0-2"),
        ("#/cases?verdict=fail", "errors/utf8/surrogate"),
        ("#/statement?version=5.0&id=MQTT-3.1.0-2", "connect/second-connect"),
        (case, "<svg"),
        (case, "closed by the case"),
    ] {
        let (page, console) = shown(chromium, &file, fragment);
        assert_eq!(console, "", "{fragment}");
        assert!(page.contains(expected), "{fragment} lacks {expected}");
    }
    let broken = folder.join("broken.html");
    std::fs::write(&broken, written(&run).replace("route(true);", "nowhere();")).unwrap();
    let (_, console) = shown(chromium, &broken, "#/");
    assert!(console.contains("nowhere is not defined"), "a defect must show: {console}");
    std::fs::remove_dir_all(&folder).unwrap();
}
