//! A house with as much in it as a page ever shows, and the pages.

use tokio_postgres::NoTls;

use super::{
    full::{Page, SUBJECTS, pages, rows},
    house::{House, latchkey, line::Line, server::Server, sign_in},
};

/// What is running. The fields go down in this order.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) pages: Vec<Page>,
    _house: House,
}

impl Scene {
    pub(crate) async fn build() -> Self {
        let house = House::build();
        let server = Server::start(house.furnish(latchkey()));
        let (sql, connection) = tokio_postgres::connect(&house.url(), NoTls).await.expect("no database");
        tokio::spawn(connection);
        sql.batch_execute(&rows("admin", "now()")).await.expect("rows are not taken");
        let mut line = Line::open(server.address).await.expect("no connection");
        let cookie = sign_in(&mut line, "admin").await;
        let mut numbers = [0; 3];
        for (number, (_, query)) in numbers.iter_mut().zip(SUBJECTS) {
            *number = sql.query_one(query, &[]).await.expect("a row").get(0);
        }
        Self { server, pages: pages(numbers, &cookie), _house: house }
    }
}
