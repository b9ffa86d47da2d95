//! Parts of lists: pages neither overlap nor leave anything out, and no query is a defect of the server.

use crate::support::{TestApp, VERSIONS, account};

#[tokio::test]
async fn pages_put_together_are_the_list() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    for version in ["3.1", "4.1", "5.0"] {
        let reader = reader.in_version(version);
        for order in
            ["", "&sortOrder=desc", "&orderby=privLevel", "&orderby=privLevel&sortOrder=desc", "&orderby=no"]
        {
            let whole = reader.get(&format!("roles?limit=-1{order}")).await.listed("name");
            let (mut paged, mut offset) = (Vec::new(), Vec::new());
            for page in 1..=3 {
                paged.extend(reader.get(&format!("roles?limit=3&page={page}{order}")).await.listed("name"));
            }
            for start in [0, 3, 6] {
                let start = if start == 0 { String::new() } else { format!("&offset={start}") };
                offset.extend(reader.get(&format!("roles?limit=3{start}{order}")).await.listed("name"));
            }
            assert_eq!(whole.len(), 8);
            assert_eq!((&paged, &offset), (&whole, &whole), "{version} {order}");
        }
    }
}

#[tokio::test]
async fn an_offset_beats_a_page_and_both_need_a_limit() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    assert_eq!(reader.get("roles?limit=1&offset=2&page=1").await.listed("name"), ["federation"]);
    assert_eq!(reader.get("roles?limit=1&offset=2&page=0").await.listed("name"), ["federation"]);
    assert_eq!(reader.get("roles?limit=-1&offset=6").await.listed("name"), ["steering", "trouter"]);
    assert_eq!(reader.get("roles?offset=6").await.listed("name").len(), 8);
    assert_eq!(reader.get("roles?page=0&offset=x").await.listed("name").len(), 8);
    assert_eq!(reader.get("roles?limit=0").await.listed("name"), [""; 0]);
    assert_eq!(reader.get("roles?limit=3&page=9223372036854775807").await.listed("name"), [""; 0]);
    assert_eq!(reader.get("roles?limit=1&limit=2").await.listed("name"), ["admin"], "the first counts");
    assert_eq!(reader.get("roles?sortOrder=DESC&limit=1").await.listed("name"), ["admin"]);
}

#[tokio::test]
async fn what_is_out_of_bounds_is_named() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    for version in VERSIONS {
        let reader = reader.in_version(version);
        for (query, text) in [
            ("limit=x", "limit parameter must be bigger than -1"),
            ("limit=", "limit parameter must be bigger than -1"),
            ("limit=-2", "limit parameter must be bigger than -1"),
            ("limit=2&offset=0", "offset parameter must be a positive integer"),
            ("limit=2&offset=x", "offset parameter must be a positive integer"),
            ("limit=2&page=0", "page parameter must be a positive integer"),
            ("limit=2&page=-1", "page parameter must be a positive integer"),
            ("limit=-1&page=2", "page parameter must be 1 when all is on one page"),
        ] {
            reader.get(&format!("roles?{query}")).await.refuses(400, text);
        }
    }
}
