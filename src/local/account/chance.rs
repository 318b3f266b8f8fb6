//! Numbers that look random and are the same in every run: all that varies in the simulation comes from here.

/// A number that depends on all of these, in their order, and on nothing else.
pub(super) fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |state, part| scramble(state ^ scramble(*part)))
}

/// A number for a text.
pub(super) fn of_text(text: &str) -> u64 {
    // FNV-1a, scrambled: short texts that differ in their last character alone should lie far apart.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    scramble(hash)
}

/// One below `limit`; zero where that is zero.
pub(super) fn below(number: u64, limit: u64) -> u64 {
    if limit == 0 { 0 } else { number % limit }
}

/// A UUID of version 4, by its form.
pub(super) fn uuid(parts: &[u64]) -> String {
    let (high, low) = (mix(parts), mix(&[mix(parts), 1]));
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(3 << 62)) | (2 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// An identifier such as IAM gives: a prefix and seventeen capitals and digits.
pub(super) fn unique_id(prefix: &str, parts: &[u64]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (high, low) = (mix(parts), mix(&[mix(parts), 2]));
    let bits = (u128::from(high) << 64) | u128::from(low);
    let letter = |place: u32| {
        let at = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
        char::from(ALPHABET[at])
    };
    prefix.chars().chain((0..17).map(letter)).collect()
}

/// The finaliser of `SplitMix64`.
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_and_other_parts_something_else() {
        assert_eq!(mix(&[1, 2, 3]), mix(&[1, 2, 3]));
        assert_ne!(mix(&[1, 2, 3]), mix(&[1, 3, 2]));
        assert_ne!(of_text("a"), of_text("b"));
        let id = uuid(&[7]);
        assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        assert_eq!(unique_id("AROA", &[7]).len(), 21);
    }
}
