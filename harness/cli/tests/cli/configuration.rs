//! The configuration file.

use crate::tool::{Folder, TOOL};

#[test]
fn the_file_of_the_working_folder_is_taken() {
    let folder = Folder::new("configuration");
    folder.write("broker.yaml", &format!("name: x\nstart: {TOOL} broker --listen 127.0.0.1:{{{{port}}}}\n"));
    folder.write(
        "mqttspec.yaml",
        "profile: broker.yaml\nversion: 5.0\nfilter: id(ping/ping/answered)\njson: out.json\njobs: 3\nfail-fast: true\nverbose: 1\n",
    );
    let (code, text) = folder.run(&["run"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("1 case, 3 at once"), "{text}");
    assert!(folder.read("out.json").contains("ping/ping/answered"));
    // What stands on the command line wins, and lists are replaced, not joined.
    let (code, text) =
        folder.run(&["run", "--version", "3.1.1", "--jobs=2", "-E", "id(ping/*)", "--json", "other.json"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("cases, 2 at once"), "{text}");
    assert!(!folder.read("other.json").contains("\"version\": \"5.0\""));
    // A broker of the command line takes the place of that of the file, with all that belongs to it.
    folder.write(
        "other.yaml",
        "broker: 127.0.0.1:1\nuser: me\npassword: secret\nfilter: id(ping/ping/answered)\n",
    );
    let (code, text) = folder.run(&["run", "--config", "other.yaml", "--profile", "broker.yaml"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = folder.run(&["run", "--config", "other.yaml"]);
    assert_eq!(code, 3, "{text}");
}

#[test]
fn mistakes() {
    let folder = Folder::new("configuration-mistakes");
    folder.write(
        "mqttspec.yaml",
        "brokr: 127.0.0.1:1883\njobs: many\nfail_fast: 2\nverbose: loud\nbaseline: [a.yaml, b.yaml]\nversion: 3.1\nconfig: x\nsut: {name: x}\n",
    );
    let first = folder.shown(&["run"]);
    folder.write("mqttspec.yaml", "brokr: 127.0.0.1:1883\njobs: many\nfail_fast: 2\nverbose: loud\nbaseline: [a.yaml, b.yaml]\nversion: 3.1\nconfig: x\nshard: true\n");
    let all = [first, folder.shown(&["run"]), folder.shown(&["run", "--config", "none.yaml"])];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn other_commands_do_not_read_it() {
    let folder = Folder::new("configuration-others");
    folder.write("mqttspec.yaml", "no: {such: key}\n");
    assert_eq!(folder.run(&["list", "ping/*"]).0, 0);
    assert_eq!(folder.run(&["run", "--help"]).0, 0);
}
