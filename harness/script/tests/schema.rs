//! The JSON Schemas that are committed are those that the tables make. `UPDATE_SCHEMA=1 cargo test` writes them.

use std::path::Path;

#[test]
fn the_committed_schemas_are_those_that_the_tables_make() {
    for (file, schema) in [
        ("case.schema.json", mqttspec_script::schema()),
        ("profile.schema.json", mqttspec_script::profile_schema()),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/schema").join(file);
        let made = format!("{schema:#}\n");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &made).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == made,
            "cases/schema/{file} is old: UPDATE_SCHEMA=1 cargo test -p mqttspec-script"
        );
    }
}
