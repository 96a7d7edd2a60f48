//! Prints how many malformed packets each codec accepts.

use mqttspec_bench::strictness::table;

fn main() {
    // What a codec that panics has to say would stand in the middle of the table.
    mqttspec_peers::hush();
    println!("{}", table());
}
