//! Brokers that serve nobody without an account: each CONNECT that names none gets the one of the run.

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::model::{Connect, Packet};
use mqttspec_codec::mutation;
use mqttspec_script::plan::{Edit, Outgoing, PacketSource};
use mqttspec_script::profile::Account;

/// User Name Flag and Password Flag (3.1.2.3).
const FLAGS: u8 = 0xC0;

/// Puts the account into a CONNECT that names none.
pub(crate) fn add(account: &Account, connect: &mut Connect) {
    if connect.user_name.is_none() && connect.password.is_none() {
        connect.user_name = Some(ByteString::from(account.user_name.as_str()));
        connect.password = Some(account.password.clone().into());
    }
}

/// What becomes of a packet of a case.
#[derive(Debug)]
pub(super) enum Added {
    /// It needs no account, or names one itself.
    NotNeeded,
    /// It shows one now.
    Shows(Box<Outgoing>),
    /// The case is about the very fields that the account would change, so that a refusal would say nothing.
    Impossible,
}

/// The same for a packet of a case.
pub(super) fn added(account: &Account, outgoing: &Outgoing) -> Added {
    let PacketSource::Packet(Packet::Connect(connect)) = &outgoing.source else { return Added::NotNeeded };
    if connect.user_name.is_some() || connect.password.is_some() {
        return Added::NotNeeded;
    }
    let mut connect = connect.clone();
    add(account, &mut connect);
    let edits: Option<Vec<Edit>> = outgoing.edits.iter().map(with_flags).collect();
    match edits {
        Some(edits) => Added::Shows(Box::new(Outgoing {
            source: PacketSource::Packet(Packet::Connect(connect)),
            edits,
            ..outgoing.clone()
        })),
        None => Added::Impossible,
    }
}

/// A change as it has to be where both fields are there.
fn with_flags(edit: &Edit) -> Option<Edit> {
    match edit {
        Edit::SetInteger { field, value, width } if field == "connect_flags" => {
            let flags = u8::try_from(*value).ok().filter(|flags| flags & FLAGS == 0)?;
            Some(Edit::SetInteger { field: field.clone(), value: (flags | FLAGS).into(), width: *width })
        }
        Edit::Set { field, bytes, lengths } if field == "connect_flags" => match bytes[..] {
            [flags] if flags & FLAGS == 0 => Some(Edit::Set {
                field: field.clone(),
                bytes: Bytes::copy_from_slice(&[flags | FLAGS]),
                lengths: *lengths,
            }),
            _ => None,
        },
        Edit::Set { field, .. }
        | Edit::SetText { field, .. }
        | Edit::SetInteger { field, .. }
        | Edit::Remove { field, .. }
        | Edit::Duplicate { field, .. }
        | Edit::InsertBefore { field, .. }
        | Edit::TruncateAfter { field, .. } => {
            let is_about_it =
                ["connect_flags", "user_name", "password"].iter().any(|name| field.starts_with(name));
            (!is_about_it).then(|| edit.clone())
        }
        Edit::Mutation(mutation::Edit::SetInteger { field, value }) if field == "connect_flags" => {
            let flags = u8::try_from(*value).ok().filter(|flags| flags & FLAGS == 0)?;
            let value = (flags | FLAGS).into();
            Some(Edit::Mutation(mutation::Edit::SetInteger { field: field.clone(), value }))
        }
        Edit::Append { .. } | Edit::Mutation(_) => Some(edit.clone()),
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{Connect, Packet};
    use mqttspec_script::plan::{Edit, Outgoing, PacketSource, Place};
    use mqttspec_script::profile::Account;

    use super::{Added, added};

    fn connect(edits: Vec<Edit>, change: impl FnOnce(&mut Connect)) -> Added {
        let account = Account { user_name: "u".into(), password: "p".into() };
        let mut connect = Connect::new(Version::V3_1_1, "c");
        change(&mut connect);
        let source = PacketSource::Packet(Packet::Connect(connect));
        added(&account, &Outgoing { source, packet_id: None, edits, place: Place::default() })
    }

    fn flags(value: u32) -> Edit {
        Edit::SetInteger { field: "connect_flags".into(), value, width: None }
    }

    #[test]
    fn a_client_without_account_gets_one() {
        let Added::Shows(outgoing) = connect(vec![flags(3)], |_| {}) else { panic!() };
        let PacketSource::Packet(Packet::Connect(connect)) = outgoing.source else { panic!() };
        assert_eq!(connect.user_name.as_deref(), Some("u"));
        assert_eq!(outgoing.edits, [flags(0xC3)]);
    }

    #[test]
    fn a_case_about_accounts_stays_as_it_is() {
        let named = connect(vec![], |connect| connect.user_name = Some("other".into()));
        assert!(matches!(named, Added::NotNeeded));
        assert!(matches!(connect(vec![flags(0x40)], |_| {}), Added::Impossible));
    }
}
