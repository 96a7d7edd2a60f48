//! The examples in docs/case-language.md are case files without fault.

use mqttspec_script::{Suite, format};
use mqttspec_spec::Registry;

#[test]
fn the_examples_are_without_fault() {
    let document = include_str!("../../../docs/case-language.md");
    let example = |index: usize| {
        let block = document.split("```yaml\n").nth(index);
        block.and_then(|rest| rest.split("```").next()).unwrap_or_default()
    };
    let files = [
        ("mqtt-3.1.1.yaml", include_str!("../../../cases/statements/mqtt-3.1.1.yaml")),
        ("mqtt-5.0.yaml", include_str!("../../../cases/statements/mqtt-5.0.yaml")),
    ];
    let registry = Registry::read(files).map_err(|error| error.to_string());
    let registry = registry.as_ref();
    let Ok(registry) = registry else { panic!("{registry:?}") };
    for (example, least) in [(example(1), 9), (example(2), 100)] {
        match Suite::load([("folder/file.yaml", example)], None, registry) {
            Ok(suite) => assert!(suite.cases.len() >= least, "{} cases", suite.cases.len()),
            Err(diagnostics) => {
                let all: Vec<String> =
                    diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
                panic!("{}", all.join("\n"));
            }
        }
        let formatted = format("folder/file.yaml", example);
        // The first one shows the line that every file begins with.
        assert!(formatted.is_ok_and(|formatted| formatted.ends_with(example)), "{example}");
    }
}
