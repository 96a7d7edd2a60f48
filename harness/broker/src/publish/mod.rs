//! PUBLISH both ways, and its acknowledgements (3.3 to 3.7, 4.3 to 4.6).

pub(crate) mod acknowledged;
pub(crate) mod outgoing;
pub(crate) mod packet;
pub(crate) mod receive;
pub(crate) mod resend;
pub(crate) mod retained;
pub(crate) mod route;
