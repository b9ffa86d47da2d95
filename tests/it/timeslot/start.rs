//! What a start refuses, and what it tells the operator.

use latchkey::{
    app::{check_dialects, check_fixed_password, disclosures},
    config::Config,
    service::UnknownAccount,
};

fn fixed(listen: &str) -> Config {
    let mut config = Config::default();
    config.dialects.timeslot.fixed_password = Some("autechre".to_owned().into());
    config.listen = listen.parse().unwrap();
    config
}

#[test]
fn a_fixed_password_is_refused_on_a_listener_that_is_not_loopback() {
    for listen in ["127.0.0.1:0", "[::1]:0", "127.9.9.9:8080"] {
        check_dialects(&fixed(listen)).unwrap();
    }
    for listen in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080"] {
        let error = check_dialects(&fixed(listen)).unwrap_err().to_string();
        assert!(
            error.contains("fixed_password is for tests on loopback") && error.contains(listen),
            "{error}"
        );
        assert!(check_fixed_password(&fixed(listen), &[listen.parse().unwrap()]).is_err());
    }
    let mut off = fixed("0.0.0.0:8080");
    off.dialects.timeslot.enabled = false;
    check_dialects(&off).unwrap();
    check_dialects(&Config { listen: "0.0.0.0:8080".parse().unwrap(), ..Config::default() }).unwrap();
}

#[test]
fn a_fixed_password_that_is_none_is_refused() {
    let mut config = fixed("127.0.0.1:0");
    config.dialects.timeslot.fixed_password = Some(String::new().into());
    assert!(check_dialects(&config).is_err());
}

#[test]
fn the_operator_is_told_which_contracts_tell_strangers_who_has_an_account() {
    let mut config = Config::default();
    config.dialects.teen_quotes.enabled = false;
    config.dialects.buddha_jones.unknown_account = UnknownAccount::Uniform;
    config.dialects.timeslot.mount = "/legacy".to_owned();
    let lines = disclosures(&config);
    assert_eq!(lines[0], "traffic_ops: tells strangers nothing about accounts.");
    assert!(lines[1].starts_with("timeslot (below /legacy): tells strangers who has an account"));
    assert!(lines[1].contains("dialects.timeslot.unknown_account = \"uniform\""));
    assert_eq!(lines[2], "teen_quotes: switched off.");
    assert_eq!(lines[3], "buddha_jones: tells strangers nothing about accounts.");
}

#[test]
fn contracts_under_one_prefix_get_along() {
    let mut config = Config::default();
    for mount in ["", "/legacy", "/a/b"] {
        let dialects = &mut config.dialects;
        for place in
            [&mut dialects.timeslot.mount, &mut dialects.teen_quotes.mount, &mut dialects.buddha_jones.mount]
        {
            *place = mount.to_owned();
        }
        check_dialects(&config).unwrap();
    }
}
