//! Random letters and digits: the alphabet of every secret that goes into a link, a letter or a form.

use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Draws so many characters `[A-Za-z0-9]`, each worth 5.95 bits, from a source of random bytes.
pub(super) fn draw(length: usize, mut fill: impl FnMut(&mut [u8])) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while text.len() < length {
        fill(bytes.as_mut_slice());
        // 248 = 4 * 62: dropping the rest keeps every character equally likely.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let characters = fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        let missing = length - text.len();
        text.extend(characters.take(missing));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_character_is_equally_likely() {
        let mut next = 0_u8;
        let text = super::draw(4 * 62, |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
        });
        for character in super::ALPHABET {
            assert_eq!(text.bytes().filter(|byte| byte == character).count(), 4);
        }
    }
}
