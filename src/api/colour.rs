//! Colours that can be read: whatever an operator chooses, text keeps the contrast that WCAG 2.2 asks for (1.4.3).

use std::fmt;

/// A colour, as `#rrggbb` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// The text is not `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written as in #0b5cad")]
pub struct NoColour;

const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);
/// The darkest ground that text stands on by day, as in the style sheet.
const BY_DAY: Colour = Colour([0xf3, 0xf5, 0xf8]);
/// The lightest ground that text stands on by night.
const BY_NIGHT: Colour = Colour([0x1f, 0x25, 0x2d]);
/// Least contrast of text (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

impl Colour {
    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// [`NoColour`].
    pub fn parse(text: &str) -> Result<Self, NoColour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let part = |at: usize| u8::from_str_radix(&digits?[at..at + 2], 16).ok();
        match (part(0), part(2), part(4)) {
            (Some(red), Some(green), Some(blue)) => Ok(Self([red, green, blue])),
            _ => Err(NoColour),
        }
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2, definitions).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast with another colour, 1 to 21 (WCAG 2.2, definitions).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// A step of one twentieth towards another colour.
    fn towards(self, other: Self) -> Self {
        let mut parts = self.0;
        for (part, goal) in parts.iter_mut().zip(other.0) {
            let (from, to) = (u16::from(*part), u16::from(goal));
            // Rounded towards the goal, so that it is reached.
            let next = if to > from { (from * 19 + to).div_ceil(20) } else { (from * 19 + to) / 20 };
            *part = u8::try_from(next).unwrap_or(goal);
        }
        Self(parts)
    }

    /// The nearest colour on the way to `goal` that can be read on `ground`.
    fn readable_on(self, ground: Self, goal: Self) -> Self {
        let mut colour = self;
        while colour.contrast(ground) < READABLE && colour != goal {
            colour = colour.towards(goal);
        }
        colour
    }

    /// Black or white, whichever can be read on it.
    fn ink(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The colour of links and buttons, by day and by night, and what is written on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// On light ground.
    pub day: Colour,
    /// On `day`.
    pub on_day: Colour,
    /// On dark ground.
    pub night: Colour,
    /// On `night`.
    pub on_night: Colour,
}

impl Accent {
    /// The accent that an operator's colour makes: darkened by day and lightened by night as far as it must be.
    pub fn of(colour: Colour) -> Self {
        let (day, night) = (colour.readable_on(BY_DAY, BLACK), colour.readable_on(BY_NIGHT, WHITE));
        Self { day, on_day: day.ink(), night, on_night: night.ink() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_as_it_is_written() {
        assert_eq!(Colour::parse("#0b5cAd").map(|colour| colour.to_string()), Ok("#0b5cad".to_owned()));
        for bad in ["", "0b5cad", "#0b5ca", "#0b5cag", "#€€", "red", "#0b5cad;}"] {
            assert_eq!(Colour::parse(bad), Err(NoColour), "{bad}");
        }
    }

    #[test]
    fn contrast_is_what_the_standard_says() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 1e-9);
        let grey = Colour::parse("#767676").unwrap();
        assert!((grey.contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn whatever_is_chosen_can_be_read_by_day_and_by_night() {
        for text in ["#000000", "#ffffff", "#ffd400", "#0b5cad", "#00ff00", "#ff0000", "#1f252d", "#f3f5f8"] {
            let Accent { day, on_day, night, on_night } = Accent::of(Colour::parse(text).unwrap());
            for (ink, ground) in [(day, BY_DAY), (night, BY_NIGHT), (on_day, day), (on_night, night)] {
                assert!(ink.contrast(ground) >= READABLE, "{text}: {ink} on {ground}");
            }
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays() {
        let blue = Colour::parse("#0b5cad").unwrap();
        assert_eq!(Accent::of(blue).day, blue);
    }
}
