//! Ways of going wrong that no switch takes.
//!
//! A switch breaks its statement in one way. A case can be right and never meet that way: that a message goes out at a
//! lower QoS is as wrong as that it goes out at a higher one, and who refuses what is unusual breaks no less than who
//! accepts what is wrong. A fault is such another way, so that the audit sees whether a case would notice anything.

use std::fmt;

/// Declares the faults, each with its summary.
macro_rules! faults {
    ($(#[doc = $doc:literal] $name:ident,)*) => {
        /// One way of going wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $(#[doc = $doc] $name,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What goes wrong, in a line.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self {
                    $(Self::$name => $doc.trim(),)*
                }
            }
        }
    };
}

faults! {
    /// A message goes out one QoS lower than is due.
    QosLowered,
    /// A message goes out one QoS higher than is due.
    QosRaised,
    /// A message has the QoS of its publisher whatever was granted.
    QosOfPublisher,
    /// A message above QoS 0 ends the connection.
    QosAbove0Refused,
    /// No message reaches anybody.
    NothingDelivered,
    /// Each message goes out twice.
    DeliveredTwice,
    /// The message that came last goes out first.
    QueueReversed,
    /// What waited for an absent client has DUP 1.
    WaitingHasDup,
    /// Whatever is unfinished is forgotten when the client comes back.
    UnfinishedForgotten,
    /// A message that was acknowledged comes again with the next connection.
    DoneSentAgain,
    /// A PUBLISH of the client makes the broker forget its session.
    PublisherForgotten,
    /// Nothing of a session is left after a restart.
    StateLostInRestart,
    /// A session that is to end with its connection stays.
    SessionsStay,
    /// Acknowledgements are not understood.
    AcknowledgementsIgnored,
    /// Acknowledgements that have a Reason Code are not understood.
    LongAcknowledgementsIgnored,
    /// A client that refuses a message loses its connection.
    RefusalEndsConnection,
    /// A Packet Identifier that was used once is taken for a repetition ever after.
    IdentifiersRemembered,
    /// A Packet Identifier that the broker uses is none for the client.
    IdentifiersShared,
    /// Client Identifiers are compared without regard to case and U+FEFF, and by their last characters.
    ClientIdentifiersFolded,
    /// A CONNECT with anything but a Client Identifier is not answered.
    UnusualConnectIgnored,
    /// A CONNECT whose Will has properties or a long payload is not answered.
    UnusualWillIgnored,
    /// A client that was there before is not answered.
    ReturnIgnored,
    /// What comes in one piece with CONNECT is dropped.
    BehindConnectDropped,
    /// Messages whose topic is anything but plain words are dropped.
    UnusualTopicsDropped,
    /// The multi-level wildcard stands for one level.
    MultiLevelIsOneLevel,
    /// A topic that begins with $ matches nothing.
    DollarMatchesNothing,
    /// Filters with wildcards are refused.
    WildcardsRefused,
    /// Of several filters in SUBSCRIBE the last takes effect.
    LastFilterSubscribed,
    /// All filters in SUBSCRIBE get the options of the first.
    FirstOptionsForAll,
    /// A filter that is not allowed spoils the others of its SUBSCRIBE.
    DeniedFilterSpoilsAll,
    /// A second SUBSCRIBE for a filter makes a second subscription.
    SubscriptionAdded,
    /// A second SUBSCRIBE for a filter drops what is on its way.
    ReplacingDropsMessages,
    /// A second SUBSCRIBE for a filter is not answered.
    KnownFilterNotAnswered,
    /// SUBACK grants QoS 2 whatever was asked for.
    HighestQosTold,
    /// SUBACK grants a QoS that does not exist.
    UndefinedQosTold,
    /// Of several filters in UNSUBSCRIBE the last takes effect.
    LastFilterUnsubscribed,
    /// UNSUBSCRIBE deletes all subscriptions of the client.
    UnsubscribeDeletesAll,
    /// UNSUBSCRIBE deletes the subscriptions of other clients to the same filter.
    UnsubscribeDeletesOthers,
    /// A retained message is gone when it was sent once.
    RetainedSentOnce,
    /// A retained message is not sent to its publisher.
    RetainedNotToPublisher,
    /// Storing or clearing a retained message clears all others.
    RetainingClearsOthers,
    /// A message with RETAIN 0 clears the retained message.
    PassingClearsRetained,
    /// A retained message expires after a second.
    RetainedExpiresSoon,
    /// Message Expiry Intervals are left out.
    ExpiryDropped,
    /// Messages without a Message Expiry Interval get one.
    ExpiryInvented,
    /// U+FEFF is left out of properties.
    PropertiesTrimmed,
    /// Messages get properties that nobody gave them.
    PropertiesInvented,
    /// Subscription Identifiers are left out.
    SubscriptionIdentifiersDropped,
    /// Subscriptions without an identifier get one.
    SubscriptionIdentifiersInvented,
    /// A message has the Subscription Identifiers of all clients that get it.
    SubscriptionIdentifiersMixed,
    /// Shared Subscriptions cannot be left.
    SharesKept,
    /// What goes to a share goes to nobody else.
    SharesTakeAll,
    /// With No Local no message comes at all.
    NoLocalHoldsBackAll,
    /// With the send quota used up nothing is read but acknowledgements.
    DeafWithoutQuota,
    /// What comes again is not counted against the send quota.
    ResentBeyondQuota,
    /// What comes again has another Packet Identifier.
    ResentUnderNewIdentifier,
    /// An open PUBREL comes again while the connection lasts.
    PubrelRepeated,
    /// A PUBREL without an open message is not answered.
    UnknownPubrelIgnored,
    /// CONNACK has a reserved flag.
    ConnackFlagged,
    /// DISCONNECT and CONNACK name no error.
    ErrorsUnnamed,
    /// SUBACK explains itself, whatever the client asked for.
    GrantsExplained,
    /// Topic Aliases of an earlier connection are used on the next one.
    SentAliasesKept,
    /// What is sent to a client counts as a sign of life of it.
    DeliveriesCountAsActivity,
    /// Long packets end the connection.
    LongPacketsRefused,
    /// A connection that cannot be accepted stays open.
    NeverAcceptedKept,
    /// An error gets a DISCONNECT even before CONNECT has come.
    DisconnectBeforeConnect,
    /// An error of a client is passed over.
    ErrorsIgnored,
    /// Every Topic Filter is granted.
    InvalidFiltersGranted,
    /// An error of one client ends the connections of all.
    ErrorsEndAll,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
