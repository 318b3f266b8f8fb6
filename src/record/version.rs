//! The version that every record begins with.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The only version there is so far. Reading any other is an error, before anything else of the record is looked at.
#[derive(Clone, Copy)]
pub struct V1;

const NUMBER: u32 = 1;

impl Serialize for V1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(NUMBER)
    }
}

impl<'de> Deserialize<'de> for V1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            NUMBER => Ok(Self),
            other => {
                Err(D::Error::custom(format_args!("its version is {other}, and this one knows {NUMBER}")))
            }
        }
    }
}
