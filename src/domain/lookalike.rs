//! Which names can't be taken for another one, as far as single characters tell.

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Whether a name is of shown characters and single spaces, written in one way only.
///
/// RFC 8265 §3.4 (UsernameCasePreserved) without its mappings: what they would change is refused, so that a name is
/// what was typed. Of the class of RFC 8264 §4.2 the characters that need their neighbours to be judged are left out.
/// Letters of different scripts that look alike are not told apart, there as here.
pub(super) fn is_plain(name: &str) -> bool {
    let composed = name.nfkc().eq(name.chars());
    composed && name.split(' ').all(|part| !part.is_empty() && part.chars().all(is_identifying))
}

/// Letters, marks and digits of any script, and what ASCII shows.
fn is_identifying(character: char) -> bool {
    use GeneralCategory::{
        DecimalNumber, LowercaseLetter, ModifierLetter, NonspacingMark, OtherLetter, SpacingMark,
        UppercaseLetter,
    };
    let is_of_words = || {
        matches!(
            character.general_category(),
            LowercaseLetter
                | UppercaseLetter
                | OtherLetter
                | DecimalNumber
                | ModifierLetter
                | NonspacingMark
                | SpacingMark
        )
    };
    character.is_ascii_graphic() || (!character.is_ascii() && is_of_words() && !is_set_apart(character))
}

/// Letters and marks that are not shown, or stretch others: RFC 8264 §9.13 (default-ignorable code points), §9.9 (old
/// Hangul) and those that §9.6 disallows.
fn is_set_apart(character: char) -> bool {
    matches!(
        character,
        '\u{34f}'
            | '\u{640}'
            | '\u{7fa}'
            | '\u{1100}'..='\u{11ff}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{302e}'..='\u{302f}'
            | '\u{3031}'..='\u{3035}'
            | '\u{303b}'
            | '\u{3164}'
            | '\u{a960}'..='\u{a97c}'
            | '\u{d7b0}'..='\u{d7fb}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}
