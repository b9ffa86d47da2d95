//! Parts of lists: pages neither overlap nor leave anything out, and no query is a defect of the server.

use crate::support::{Client, TestApp, account};

async fn names(client: &Client, path: &str) -> Vec<String> {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let listed = answer.json()["response"].as_array().unwrap().clone();
    listed.iter().map(|member| member["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_put_together_are_the_list() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    for version in ["3.1", "4.1", "5.0"] {
        let reader = reader.in_version(version);
        for order in
            ["", "&sortOrder=desc", "&orderby=privLevel", "&orderby=privLevel&sortOrder=desc", "&orderby=no"]
        {
            let whole = names(&reader, &format!("roles?limit=-1{order}")).await;
            let (mut paged, mut offset) = (Vec::new(), Vec::new());
            for page in 1..=3 {
                paged.extend(names(&reader, &format!("roles?limit=3&page={page}{order}")).await);
            }
            for start in [0, 3, 6] {
                let start = if start == 0 { String::new() } else { format!("&offset={start}") };
                offset.extend(names(&reader, &format!("roles?limit=3{start}{order}")).await);
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
    assert_eq!(names(&reader, "roles?limit=1&offset=2&page=1").await, ["federation"]);
    assert_eq!(names(&reader, "roles?limit=1&offset=2&page=0").await, ["federation"]);
    assert_eq!(names(&reader, "roles?limit=-1&offset=6").await, ["steering", "trouter"]);
    assert_eq!(names(&reader, "roles?offset=6").await.len(), 8);
    assert_eq!(names(&reader, "roles?page=0&offset=x").await.len(), 8);
    assert_eq!(names(&reader, "roles?limit=0").await, [""; 0]);
    assert_eq!(names(&reader, "roles?limit=3&page=9223372036854775807").await, [""; 0]);
    assert_eq!(names(&reader, "roles?limit=1&limit=2").await, ["admin"], "the first counts");
    assert_eq!(names(&reader, "roles?sortOrder=DESC&limit=1").await, ["admin"]);
}

#[tokio::test]
async fn what_is_out_of_bounds_is_named() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    for version in ["3.0", "3.1", "4.0", "4.1", "5.0"] {
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
