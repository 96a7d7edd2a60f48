//! How a layout reaches into the model: to fill it, or to look at it.

use std::ops::Deref;

use bytes::Bytes;
use bytestring::ByteString;

use crate::model::Property;

/// Either `&mut T` or `&T`.
pub(crate) trait Access {
    /// The reference.
    type To<'a, T: 'static>: Deref<Target = T>;

    /// A part of what is referred to.
    fn project<'b, 'a: 'b, T: 'static, U: 'static>(
        at: &'b mut Self::To<'a, T>,
        shared: impl FnOnce(&'b T) -> &'b U,
        unique: impl FnOnce(&'b mut T) -> &'b mut U,
    ) -> Self::To<'b, U>;

    /// What is inside an optional field. Who fills the model goes by `present` and starts from `blank`.
    fn optional<T: 'static>(at: Self::To<'_, Option<T>>, present: bool, blank: T) -> Option<Self::To<'_, T>>;

    /// The value of a property.
    fn value(at: Self::To<'_, Property>) -> Value<'_, Self>;
}

/// The value of a property, by the way it is written.
pub(crate) enum Value<'a, A: Access + ?Sized> {
    Byte(A::To<'a, u8>),
    TwoByteInteger(A::To<'a, u16>),
    FourByteInteger(A::To<'a, u32>),
    VariableByteInteger(A::To<'a, u32>),
    BinaryData(A::To<'a, Bytes>),
    Utf8String(A::To<'a, ByteString>),
    Utf8StringPair(A::To<'a, (ByteString, ByteString)>),
}

/// The access of who fills the model.
pub(crate) enum Unique {}

impl Access for Unique {
    type To<'a, T: 'static> = &'a mut T;

    #[inline(always)]
    fn project<'b, 'a: 'b, T: 'static, U: 'static>(
        at: &'b mut &'a mut T,
        _: impl FnOnce(&'b T) -> &'b U,
        unique: impl FnOnce(&'b mut T) -> &'b mut U,
    ) -> &'b mut U {
        unique(at)
    }

    #[inline(always)]
    fn optional<T: 'static>(at: Self::To<'_, Option<T>>, present: bool, blank: T) -> Option<Self::To<'_, T>> {
        if present { Some(at.get_or_insert(blank)) } else { None }
    }

    #[inline(always)]
    fn value(at: Self::To<'_, Property>) -> Value<'_, Self> {
        at.value_mut()
    }
}

/// The access of who looks at the model.
pub(crate) enum Shared {}

impl Access for Shared {
    type To<'a, T: 'static> = &'a T;

    #[inline(always)]
    fn project<'b, 'a: 'b, T: 'static, U: 'static>(
        at: &'b mut &'a T,
        shared: impl FnOnce(&'b T) -> &'b U,
        _: impl FnOnce(&'b mut T) -> &'b mut U,
    ) -> &'b U {
        shared(at)
    }

    #[inline(always)]
    fn optional<T: 'static>(at: Self::To<'_, Option<T>>, _: bool, _: T) -> Option<Self::To<'_, T>> {
        at.as_ref()
    }

    #[inline(always)]
    fn value(at: Self::To<'_, Property>) -> Value<'_, Self> {
        at.value_ref()
    }
}
