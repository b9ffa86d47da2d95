//! Makes pictures small: of the thousand colours that smooth letters bring, the 96 most frequent are enough.

use std::{collections::HashMap, io::Cursor};

type Colour = [u8; 3];

/// The same picture in a fraction of the bytes.
pub fn reduced(picture: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let pixels = bytes[..info.buffer_size()].chunks_exact(info.color_type.samples());
    let pixels: Vec<Colour> = pixels.map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let palette = palette(&pixels);
    let mut numbers: HashMap<Colour, u8> = HashMap::new();
    let number = |pixel: &Colour| *numbers.entry(*pixel).or_insert_with(|| nearest(&palette, *pixel));
    let indexed: Vec<u8> = pixels.iter().map(number).collect();
    let mut small = Vec::new();
    let mut encoder = png::Encoder::new(&mut small, info.width, info.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header().unwrap().write_image_data(&indexed).unwrap();
    small
}

fn palette(pixels: &[Colour]) -> Vec<Colour> {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    pixels.iter().for_each(|pixel| *counts.entry(*pixel).or_default() += 1);
    let mut colours: Vec<_> = counts.into_iter().collect();
    colours.sort_by_key(|(colour, count)| (usize::MAX - count, *colour));
    colours.into_iter().take(96).map(|(colour, _)| colour).collect()
}

fn nearest(palette: &[Colour], pixel: Colour) -> u8 {
    let distance = |colour: &Colour| {
        colour.iter().zip(pixel).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum::<u32>()
    };
    let found = palette.iter().enumerate().min_by_key(|(_, colour)| distance(colour));
    u8::try_from(found.unwrap().0).unwrap()
}
