//! The man page that is committed is the one that the command line makes. `UPDATE_MAN=1 cargo test -p mqttspec` writes it.

use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::arguments::Arguments;

#[test]
fn the_committed_man_page_is_that_of_the_command_line() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mqttspec.1");
    let made = page();
    if std::env::var_os("UPDATE_MAN").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "docs/mqttspec.1 is old: UPDATE_MAN=1 cargo test -p mqttspec");
}

/// What defines the apostrophe; the generator puts it before each section.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// One page for all commands: a chapter for each.
fn page() -> String {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let man = Man::new(command.clone());
    let mut page = String::from(APOSTROPHE);
    page.push_str(&rendered(|out| man.render_title(out)));
    page.push_str(&rendered(|out| man.render_name_section(out)));
    page.push_str(".SH SYNOPSIS\n\\fBmqttspec\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n");
    page.push_str(&rendered(|out| man.render_description_section(out)));
    page.push_str(&rendered(|out| man.render_options_section(out)));
    chapters(&mut page, &command);
    page.push_str(&lines("SH \"EXIT STATUS\"", &command));
    page
}

fn chapters(page: &mut String, command: &Command) {
    for of in command.get_subcommands() {
        let name = of.get_bin_name().unwrap_or_else(|| of.get_name());
        page.push_str(&format!(".SH \"{}\"\n", name.to_uppercase()));
        let man = Man::new(of.clone());
        let parts = [
            rendered(|out| man.render_description_section(out)),
            rendered(|out| man.render_synopsis_section(out)),
            rendered(|out| man.render_options_section(out)),
        ];
        for part in parts {
            // What is a section in a page of its own is a part of the chapter here.
            page.push_str(&part.replace(".SH DESCRIPTION\n", "").replace(".SH ", ".SS "));
        }
        page.push_str(&lines("SS EXAMPLES", of));
        chapters(page, of);
    }
}

/// What follows the help of a command, line by line: its first line is the heading.
fn lines(heading: &str, command: &Command) -> String {
    let Some(text) = command.get_after_help().map(ToString::to_string) else { return String::new() };
    let lines: Vec<String> = text
        .lines()
        .skip(1)
        .map(|line| line.trim_start().replace('\\', "\\\\").replace('-', "\\-"))
        .collect();
    format!(".{heading}\n.nf\n{}\n.fi\n", lines.join("\n").replace("\n'", "\n\\(aq").replace("\n.", "\n\\&."))
}

fn rendered(render: impl Fn(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    render(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap().replace(APOSTROPHE, "")
}
