//! A body of any length, written piece by piece: digested as it grows, and kept packed.
//!
//! A list of ten thousand accounts is 5 MB of JSON. Its digest goes out in front of it (fact sheet Traffic Ops
//! §4.3), so it can't be sent while it is read, and it must not be read while it is sent: a slow client would hold
//! a database connection (DESIGN section 5). So it is kept until it is sent, but only as gzip, which takes about a
//! fifteenth; whoever doesn't read gzip gets it unpacked again, a piece at a time.

use std::io::{self, Read as _, Write};

use bytes::{Buf as _, Bytes};
use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use sha2::{Digest as _, Sha512};

/// Bytes that are digested and packed at a time. A body that is no longer is left as it is.
const PIECE: usize = 64 * 1024;

/// Takes a body as it is written.
pub struct LongWriter {
    piece: Vec<u8>,
    packed: Option<Packing>,
}

struct Packing {
    encoder: GzEncoder<Vec<u8>>,
    digest: Sha512,
    length: u64,
}

/// A body that was written to its end.
pub enum Written {
    /// Short enough to be treated as any other.
    Short(Vec<u8>),
    /// Packed.
    Long(Long),
}

/// A packed body; cheap to clone.
#[derive(Clone)]
pub struct Long {
    packed: Bytes,
    digest: [u8; 64],
    length: u64,
}

impl Default for LongWriter {
    fn default() -> Self {
        Self { piece: Vec::with_capacity(4 * 1024), packed: None }
    }
}

impl LongWriter {
    /// Ends the body.
    ///
    /// # Errors
    /// When it can't be packed, which is a defect.
    pub fn finish(mut self) -> io::Result<Written> {
        if self.packed.is_none() {
            return Ok(Written::Short(self.piece));
        }
        self.pack()?;
        let Some(Packing { encoder, digest, length }) = self.packed else {
            return Ok(Written::Short(self.piece));
        };
        let packed = Bytes::from(encoder.finish()?);
        Ok(Written::Long(Long { packed, digest: digest.finalize().into(), length }))
    }

    fn pack(&mut self) -> io::Result<()> {
        let packing = self.packed.get_or_insert_with(|| Packing {
            encoder: GzEncoder::new(Vec::new(), Compression::new(4)),
            digest: Sha512::new(),
            length: 0,
        });
        packing.digest.update(&self.piece);
        packing.length += self.piece.len() as u64;
        packing.encoder.write_all(&self.piece)?;
        self.piece.clear();
        Ok(())
    }
}

impl Write for LongWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() + bytes.len() > PIECE {
            self.pack()?;
        }
        self.piece.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Long {
    /// SHA-512 of the body as it was written.
    pub fn digest(&self) -> [u8; 64] {
        self.digest
    }

    /// How many bytes were written.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The body as gzip.
    pub fn packed(&self) -> Bytes {
        self.packed.clone()
    }

    /// The body as it was written, unpacked piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = io::Result<Bytes>> + Send + Sync + use<> {
        let mut decoder = GzDecoder::new(self.packed.clone().reader());
        let mut left = self.length;
        std::iter::from_fn(move || {
            let next = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            if next == 0 {
                return None;
            }
            left -= next as u64;
            let mut piece = vec![0; next];
            Some(decoder.read_exact(&mut piece).map(|()| Bytes::from(piece)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(n: u32) -> String {
        format!(
            r#"{{"id":{n},"username":"user{n}","email":"user{n}@example.test","fullName":null,"city":null}},"#
        )
    }

    fn written(users: u32) -> (Written, Vec<u8>) {
        let (mut writer, mut plain) = (LongWriter::default(), Vec::new());
        for n in 0..users {
            writer.write_all(user(n).as_bytes()).unwrap();
            plain.extend(user(n).into_bytes());
        }
        (writer.finish().unwrap(), plain)
    }

    #[test]
    fn a_short_body_is_left_as_it_is() {
        for users in [0, 1, 100] {
            let (Written::Short(body), plain) = written(users) else { panic!("{users} are packed") };
            assert_eq!(body, plain);
        }
    }

    #[test]
    fn a_long_body_comes_back_byte_by_byte_with_its_digest() {
        let (Written::Long(long), plain) = written(10_000) else { panic!("not packed") };
        assert_eq!(long.digest(), <[u8; 64]>::from(Sha512::digest(&plain)));
        assert_eq!(long.length(), plain.len() as u64);
        let pieces: Vec<Bytes> = long.pieces().map(Result::unwrap).collect();
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
        assert!(pieces.concat() == plain);
        let mut unpacked = Vec::new();
        GzDecoder::new(long.packed().reader()).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain);
    }

    #[test]
    fn a_long_body_takes_a_fraction_of_its_length() {
        let (Written::Long(long), plain) = written(50_000) else { panic!("not packed") };
        assert!(long.packed().len() * 8 < plain.len(), "{} of {}", long.packed().len(), plain.len());
    }
}
