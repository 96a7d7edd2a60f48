//! Brokers that serve nobody without an account: each CONNECT that names none gets the one of the run.

use bytestring::ByteString;
use mqttspec_codec::model::{Connect, Packet};
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

/// The same for a CONNECT of a case; nothing where there is none to be put, or where the case is about these fields.
pub(super) fn added(account: &Account, outgoing: &Outgoing) -> Option<Outgoing> {
    let PacketSource::Packet(Packet::Connect(connect)) = &outgoing.source else { return None };
    if connect.user_name.is_some() || connect.password.is_some() {
        return None;
    }
    let mut connect = connect.clone();
    add(account, &mut connect);
    let edits: Option<Vec<Edit>> = outgoing.edits.iter().map(with_flags).collect();
    Some(Outgoing {
        source: PacketSource::Packet(Packet::Connect(connect)),
        edits: edits?,
        ..outgoing.clone()
    })
}

/// A change as it has to be where both fields are there.
fn with_flags(edit: &Edit) -> Option<Edit> {
    match edit {
        Edit::SetInteger { field, value, width } if field == "connect_flags" => {
            let flags = u8::try_from(*value).ok().filter(|flags| flags & FLAGS == 0)?;
            Some(Edit::SetInteger { field: field.clone(), value: (flags | FLAGS).into(), width: *width })
        }
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
        Edit::Append { .. } => Some(edit.clone()),
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{Connect, Packet};
    use mqttspec_script::plan::{Edit, Outgoing, PacketSource, Place};
    use mqttspec_script::profile::Account;

    use super::added;

    fn connect(edits: Vec<Edit>, change: impl FnOnce(&mut Connect)) -> Option<Outgoing> {
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
        let outgoing = connect(vec![flags(3)], |_| {}).unwrap();
        let PacketSource::Packet(Packet::Connect(connect)) = outgoing.source else { panic!() };
        assert_eq!(connect.user_name.as_deref(), Some("u"));
        assert_eq!(outgoing.edits, [flags(0xC3)]);
    }

    #[test]
    fn a_case_about_accounts_stays_as_it_is() {
        assert!(connect(vec![], |connect| connect.user_name = Some("other".into())).is_none());
        assert!(connect(vec![flags(0x40)], |_| {}).is_none());
    }
}
