//! Random UUIDs (RFC 9562, version 4), which requests are named by.

/// Length of a UUID as a text, in characters.
pub const LENGTH: usize = 36;

/// Writes 16 random bytes as a UUID of version 4, in lower case. Six of the bits say what it is, the rest stays.
///
/// Without the formatter: nearly every answer bears one.
pub fn written(mut random: [u8; 16]) -> [u8; LENGTH] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let mut text = [b'-'; LENGTH];
    let mut at = 0;
    for (place, byte) in random.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 15)];
        at += 2;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_keeps_all_other_bits() {
        let text = |random| String::from_utf8(written(random).to_vec()).unwrap();
        assert_eq!(text([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(text([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let counted = std::array::from_fn(|place| place as u8 * 17);
        assert_eq!(text(counted), "00112233-4455-4677-8899-aabbccddeeff");
    }
}
