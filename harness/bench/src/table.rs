//! What was measured, in nanoseconds per packet and as a multiple of the fastest maintained peer.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::packets::Sample;
use crate::peers::{Input, PEERS};

/// The table of one direction, from what criterion left in its folder; `divisor` packets make one iteration.
#[must_use]
pub fn table(folder: &Path, direction: &str, divisor: f64) -> String {
    let decoding = direction == "decode";
    let fastest_what = if decoding { "maintained peer that reads the stream" } else { "maintained peer" };
    let mut out = format!("\n{direction}, ns per packet (times the fastest {fastest_what})\n\n| codec |");
    out.push_str(if decoding { " input |" } else { "" });
    for sample in Sample::ALL {
        let _ = write!(out, " {} |", sample.name());
    }
    out.push_str(if decoding { "\n|---|---" } else { "\n|---" });
    out.push_str("|---:|---:|---:|---:|\n");
    let fastest = Sample::ALL.map(|sample| {
        PEERS
            .iter()
            .filter(|peer| peer.maintained && !is_ours(peer.name))
            .filter(|peer| !decoding || peer.input == Input::Stream)
            .filter_map(|peer| median(folder, direction, sample, peer.name))
            .fold(f64::INFINITY, f64::min)
    });
    if fastest.iter().all(|ns| ns.is_infinite()) {
        return String::new();
    }
    for peer in PEERS {
        let cells: Vec<Option<f64>> =
            Sample::ALL.iter().map(|sample| median(folder, direction, *sample, peer.name)).collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        let _ = write!(out, "| {} |", peer.name);
        if decoding {
            let _ = write!(out, " {} |", peer.input.name());
        }
        for (cell, fastest) in cells.into_iter().zip(fastest) {
            let _ = match cell {
                Some(ns) => write!(out, " {:.0} ({:.2}) |", ns / divisor, ns / fastest),
                None => write!(out, " |"),
            };
        }
        out.push('\n');
    }
    out
}

fn is_ours(name: &str) -> bool {
    name.starts_with("mqttspec")
}

fn median(folder: &Path, direction: &str, sample: Sample, peer: &str) -> Option<f64> {
    let file = folder.join(format!("{direction} {}", sample.name())).join(peer).join("new/estimates.json");
    let text = fs::read_to_string(file).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}
