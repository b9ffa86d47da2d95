//! Reads bodies as JSON, as a form, or as `multipart/form-data`: clients of this contract send all three.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::header;
use multer::Multipart;

use crate::api::{call::Call, form::Form, limits::MOST_FIELDS};

/// The fields of a body. What can't be read has none: the contract has one refusal for everything that is missing.
pub(super) async fn read(call: &Call) -> Form {
    let kind = call.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match kind.and_then(|kind| multer::parse_boundary(kind).ok()) {
        Some(boundary) => multipart(call.body.clone(), boundary).await.unwrap_or_default(),
        None => Form::read(&call.headers, &call.body).unwrap_or_default(),
    }
}

/// The parts that are texts; uploaded files and what is not UTF-8 are passed over. More parts than anybody needs are
/// none.
pub(super) async fn multipart(body: Bytes, boundary: String) -> Result<Form, multer::Error> {
    let mut parts = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let (mut fields, mut seen) = (Vec::new(), 0);
    while let Some(part) = parts.next_field().await? {
        seen += 1;
        if seen > MOST_FIELDS {
            return Ok(Form::default());
        }
        let Some(name) = part.name().map(str::to_owned).filter(|_| part.file_name().is_none()) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(part.bytes().await?.into()) {
            fields.push((name, text));
        }
    }
    Ok(fields.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_multipart_body_gives_its_texts() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b.test\r\n\
            --X\r\nContent-Disposition: form-data; name=\"image\"; filename=\"url\"\r\n\r\n...\r\n\
            --X\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nhttp://c.test/\r\n--X--\r\n";
        let form = multipart(Bytes::from_static(body.as_bytes()), "X".to_owned()).await.unwrap();
        assert_eq!(
            (form.get("email"), form.get("url"), form.get("image")),
            (Some("a@b.test"), Some("http://c.test/"), None)
        );
    }

    #[tokio::test]
    async fn a_broken_multipart_body_is_noticed_and_harmless() {
        for broken in
            ["", "--X", "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end", "--Y--\r\n"]
        {
            let form = multipart(Bytes::copy_from_slice(broken.as_bytes()), "X".to_owned()).await;
            assert!(form.is_err() || form.is_ok_and(|form| form.get("a").is_none()), "{broken:?}");
        }
    }
}
