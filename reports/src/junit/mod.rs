//! The report for the JUnit readers of CI systems.
//!
//! The format has no word for most verdicts. `fail` is a failure, `inconclusive` an error, `unsupported` and
//! `skipped` are skipped, and the rest succeeds; a deviation that the baseline foresees is skipped. A crash of the
//! broker is an error of the case that brings it about, or of an element of its own. The
//! verdict itself stands in the output of each case, in the `[[PROPERTY|name=value]]` lines that GitLab and
//! Jenkins plugins read, since the crate that writes the file has no properties of cases.

mod element;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use junit_report::{Duration, Error, OffsetDateTime, Report, TestCase, TestSuite};
use mqttspec_spec::Registry;
use mqttspec_spec::record::{Case, Crash, Run};
use time::format_description::well_known::Rfc3339;

use crate::case::{CaseText, Detail};
use crate::escape::{cdata_safe, visible};
use crate::section::Section;
use crate::summary::{broker_words, run_end_words};
use element::{crash_element, element, run_element, stale_element};

/// Writes a run as JUnit XML: one suite for each version and top-level section of the specification.
///
/// `suite_root` is put before the paths of the suite's files.
///
/// # Errors
/// When the writer fails.
pub fn write(mut writer: impl Write, run: &Run, registry: &Registry, suite_root: &str) -> io::Result<()> {
    let text = CaseText { registry, suite_root, detail: Detail::MORE };
    let mut sections: BTreeMap<(&str, Section), Vec<TestCase>> = BTreeMap::new();
    let mut names = Names::default();
    for case in &run.cases {
        let section = Section::of(case, registry);
        let class = format!("{}.{}", version_name(&case.version), section.dotted(&case.version));
        let name = names.unique(&class, format!("{}: {}", case.id, case.title));
        sections.entry((&case.version, section)).or_default().push(element(
            text,
            case,
            &class,
            &name,
            run.crashes.iter().find(|crash| is_culprit(case, crash)),
        ));
    }

    let mut report = Report::new();
    let mut of_run: Vec<TestCase> = run_end_words(run.end).map(run_element).into_iter().collect();
    for crash in run.crashes.iter().filter(|crash| !run.cases.iter().any(|case| is_culprit(case, crash))) {
        let name = names.unique("mqttspec.run", "the broker does not crash".to_owned());
        of_run.push(crash_element(crash, &name));
    }
    if !of_run.is_empty() {
        report.add_testsuite(suite(run, "mqttspec", "run", of_run));
    }
    if let Some(baseline) = run.baseline.as_ref().filter(|baseline| !baseline.stale.is_empty()) {
        let entries = baseline.stale.iter().map(stale_element).collect();
        report.add_testsuite(suite(run, "baseline", "baseline", entries));
    }
    for ((version, section), cases) in sections {
        let name = format!("MQTT {version}, {section} {}", section.title(version));
        let package = format!("{}.{}", version_name(version), section.dotted(version));
        report.add_testsuite(suite(run, &name, &package, cases));
    }
    report.write_xml(&mut writer).map_err(|error| match error {
        Error::Io(error) => error,
        other => io::Error::other(other.to_string()),
    })?;
    writeln!(writer)?;
    writer.flush()
}

fn is_culprit(case: &Case, crash: &Crash) -> bool {
    crash.culprit.as_ref().is_some_and(|culprit| culprit.id == case.id && culprit.version == case.version)
}

fn suite(run: &Run, name: &str, package: &str, mut cases: Vec<TestCase>) -> TestSuite {
    make_sum_printable(&mut cases);
    let mut suite = TestSuite::new(&visible(name));
    suite.package = visible(package).into_owned();
    // A record that somebody wrote by hand may hold no time; a report of this moment is then true as well.
    if let Ok(started) = OffsetDateTime::parse(&run.started, &Rfc3339) {
        suite.set_timestamp(started);
    }
    suite.set_system_out(&cdata_safe(&format!(
        "broker: {}\ntool: {} {}, suite {}\n",
        visible(&broker_words(&run.broker)),
        visible(&run.tool.name),
        visible(&run.tool.version),
        visible(&run.tool.suite_digest),
    )));
    suite.add_testcases(cases);
    suite
}

/// Lengthens the last case by some milliseconds until the sum has three decimals when it is printed.
///
/// The sum is printed as a number with a binary fraction, such as 10.350999999999999, and the schema of Jenkins
/// allows no fourth decimal.
fn make_sum_printable(cases: &mut [TestCase]) {
    let mut sum = cases.iter().fold(Duration::ZERO, |sum, case| sum + case.time);
    let Some(last) = cases.last_mut() else { return };
    let decimals = |sum: Duration| {
        sum.as_seconds_f64().to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len())
    };
    while decimals(sum) > 3 {
        last.time += Duration::milliseconds(1);
        sum += Duration::milliseconds(1);
    }
}

/// A version without dots, which readers take for borders of packages: `mqtt311`, `mqtt5`.
fn version_name(version: &str) -> String {
    let version = version.strip_suffix(".0").unwrap_or(version);
    format!("mqtt{}", visible(version).replace(|character: char| !character.is_ascii_alphanumeric(), ""))
}

/// Gives each case of a class a name of its own; readers merge cases whose names are equal.
#[derive(Debug, Default)]
struct Names {
    used: HashMap<(String, String), usize>,
}

impl Names {
    fn unique(&mut self, class: &str, name: String) -> String {
        let mut candidate = name.clone();
        loop {
            let count = self.used.entry((class.to_owned(), candidate.clone())).or_default();
            *count += 1;
            if *count == 1 {
                return candidate;
            }
            candidate = format!("{name} ({count})");
        }
    }
}

#[cfg(test)]
mod tests {
    use junit_report::{Duration, TestCase};

    use super::{Names, make_sum_printable, version_name};

    #[test]
    fn sums_have_three_decimals() {
        let mut moved = 0;
        for milliseconds in 0..100_000 {
            let mut cases = [
                TestCase::success("a", Duration::milliseconds(milliseconds)),
                TestCase::success("b", Duration::ZERO),
            ];
            make_sum_printable(&mut cases);
            let sum = cases[0].time + cases[1].time;
            let printed = sum.as_seconds_f64().to_string();
            assert!(printed.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 3), "{printed}");
            let longer = sum - Duration::milliseconds(milliseconds);
            assert!(longer <= Duration::milliseconds(5), "{milliseconds} {longer}");
            moved += usize::from(!longer.is_zero());
        }
        assert!(moved > 0, "as 10.351 is printed as 10.350999999999999");
    }

    #[test]
    fn versions_have_no_dots() {
        assert_eq!(version_name("5.0"), "mqtt5");
        assert_eq!(version_name("3.1.1"), "mqtt311");
        assert_eq!(version_name("\u{1b}5.0"), "mqttu1b5");
    }

    #[test]
    fn equal_names_are_told_apart() {
        let mut names = Names::default();
        let mut unique = |name: &str| names.unique("c", name.to_owned());
        assert_eq!(
            [unique("a"), unique("a (2)"), unique("a"), unique("a")],
            ["a", "a (2)", "a (3)", "a (4)"]
        );
    }
}
