//! What a program writes when something in it breaks, though it may live on.

/// Texts that tell of it whatever the broker: of Rust, the sanitizers of C compilers, the C library, the JVM, Go, and
/// Erlang's virtual machine.
const ANY: &[&str] = &[
    "panicked at",
    "AddressSanitizer",
    "LeakSanitizer",
    "MemorySanitizer",
    "ThreadSanitizer",
    "UndefinedBehaviorSanitizer",
    ": runtime error: ",
    "Assertion `",
    "stack smashing detected",
    "FATAL",
    "A fatal error has been detected by the Java Runtime Environment",
    "java.lang.OutOfMemoryError",
    "fatal error: ",
    "panic: ",
    "Crash dump is being written",
    "Kernel pid terminated",
];

/// Whether a line tells that something broke: one of the texts for any program, or one that the profile names.
pub(crate) fn is_alarm(line: &str, own: &[String]) -> bool {
    ANY.iter().any(|text| line.contains(text)) || own.iter().any(|text| line.contains(text))
}

#[cfg(test)]
mod tests {
    use super::is_alarm;

    #[test]
    fn what_broke_is_told_from_what_is_only_said() {
        let own = ["CRASH REPORT".to_owned()];
        for line in [
            "thread 'main' panicked at src/router.rs:12:5:",
            "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1",
            "packet.c:10:3: runtime error: signed integer overflow",
            "broker: net.c:5: read: Assertion `length > 0' failed.",
            "2026-01-01 [error] CRASH REPORT Process <0.7.0>",
        ] {
            assert!(is_alarm(line, &own), "{line}");
        }
        for line in ["client a-1 disconnected: protocol error", "error: malformed packet"] {
            assert!(!is_alarm(line, &own), "{line}");
        }
        assert!(!is_alarm("CRASH REPORT", &[]));
    }
}
