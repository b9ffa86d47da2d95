//! Somebody in front of a browser, who sees labels, buttons and links.

use std::time::{Duration, Instant};

use fantoccini::{Client, Locator, elements::Element};

use super::driver::{Driver, worrying};

/// What nothing here may take.
const NEVER: Duration = Duration::from_secs(20);

/// Somebody, and the site they visit.
pub struct Person {
    pub client: Client,
    site: String,
}

impl Person {
    pub async fn at(driver: &Driver, site: &str, scripts: bool) -> Self {
        let client = driver.browser(scripts).await;
        Self { client, site: site.to_owned() }
    }

    /// Types an address.
    pub async fn open(&self, place: &str) {
        self.client.goto(&format!("{}{place}", self.site)).await.unwrap();
    }

    /// Types into the field with this label.
    pub async fn types(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses from the list with this label.
    pub async fn chooses(&self, label: &str, option: &str) {
        self.field(label).await.select_by_value(option).await.unwrap();
    }

    /// Ticks the box with this label, or takes the tick away.
    pub async fn ticks(&self, label: &str) {
        self.find(&format!("//label[normalize-space()='{label}']/input")).await.click().await.unwrap();
    }

    async fn field(&self, label: &str) -> Element {
        let path = format!("//label[starts-with(normalize-space(),\"{label}\")]");
        let id = self.find(&path).await.attr("for").await.unwrap().expect("the label names its field");
        self.client.find(Locator::Id(&id)).await.unwrap()
    }

    /// Presses the first button that begins with these words, and waits for the page it leads to.
    pub async fn presses(&self, words: &str) {
        self.leaves_by(&format!("//button[starts-with(normalize-space(),\"{words}\")]")).await;
    }

    /// Follows the first link that begins with these words.
    pub async fn follows(&self, words: &str) {
        self.leaves_by(&format!("//a[starts-with(normalize-space(),\"{words}\")]")).await;
    }

    /// Clicks, and waits until the page is another one: the same words may stand on both.
    async fn leaves_by(&self, path: &str) {
        let way = self.find(path).await;
        let page = self.client.find(Locator::Css("html")).await.unwrap();
        way.click().await.unwrap();
        let begun = Instant::now();
        while page.tag_name().await.is_ok() {
            assert!(begun.elapsed() < NEVER, "{path} leads nowhere");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn find(&self, path: &str) -> Element {
        let found = self.client.wait().at_most(NEVER).for_element(Locator::XPath(path)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{path} on {}: {error}: {}", self.place().await, self.words().await),
        }
    }

    /// Path and query of the page.
    pub async fn place(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.site).unwrap_or(url.as_str()).to_owned()
    }

    /// Everything that is written on the page.
    pub async fn words(&self) -> String {
        match self.client.find(Locator::Css("main")).await {
            Ok(main) => main.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the page is at this place and says this.
    pub async fn sees(&self, place: &str, words: &str) {
        let begun = Instant::now();
        loop {
            let (at, said) = (self.place().await, self.words().await);
            if at.split('?').next() == Some(place) && said.contains(words) {
                return;
            }
            assert!(begun.elapsed() < NEVER, "{place} with {words:?}: it is {at}: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn signs_in(&self, username: &str, password: &str) {
        self.open("/sign-in").await;
        self.types("User name", username).await;
        self.types("Password", password).await;
        self.presses("Sign in").await;
    }

    /// Opens the newest letter to an address in the mailbox, and follows the link in its HTML part.
    pub async fn answers_letter(&self, address: &str) {
        let begun = Instant::now();
        let path = format!("//li[contains(., \"to {address}\")]/a");
        loop {
            self.open("/mailbox").await;
            if let Ok(link) = self.client.find(Locator::XPath(&path)).await {
                link.click().await.unwrap();
                break;
            }
            assert!(begun.elapsed() < NEVER, "a letter to {address}: {}", self.words().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.find("//iframe").await.enter_frame().await.unwrap();
        self.find("//a[contains(@href, 'token=')]").await.click().await.unwrap();
        self.client.clone().enter_parent_frame().await.unwrap();
    }

    /// Closes the browser; nothing may stand on its console.
    pub async fn leaves(self) {
        let lines = worrying(&self.client).await;
        assert!(lines.is_empty(), "the console says {lines:?}");
        self.client.close().await.unwrap();
    }
}
