//! Templates of an operator's own.

use std::fs;

use super::*;

#[tokio::test]
async fn a_template_in_the_operators_folder_goes_before_latchkeys_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("test.txt"), "Subject: Grüße von {{ instance }}\n\nServus!\n").unwrap();
    fs::create_dir(folder.path().join("timeslot")).unwrap();
    let html = "{% extends \"letter.html\" %}{% block body %}<p>{{ password }}</p>{% endblock %}";
    fs::write(folder.path().join("timeslot/generated_password.html"), html).unwrap();
    let renderer = renderer().with_templates(folder.path()).unwrap();
    let letters: Vec<_> =
        latchkey::mail::samples().iter().map(|s| (s.name(), s.write(&renderer).unwrap())).collect();
    let letter = |wanted: &str| &letters.iter().find(|(name, _)| name == wanted).unwrap().1;
    assert_eq!(
        (letter("test").subject.as_str(), letter("test").text.as_str()),
        ("Grüße von latchkey", "Servus!")
    );
    let raw = String::from_utf8_lossy(letter("test").message()).into_owned();
    assert!(raw.contains("Subject: =?utf-8?"), "{raw}");
    assert!(letter("timeslot-generated_password").html.contains("<p>AHOVcjq"), "with a sample's password");
    assert!(letter("test").html.contains("way is clear"), "the other part is latchkey's own");
}

#[test]
fn a_mistake_in_a_template_is_found_before_anybody_gets_the_letter() {
    for (file, source, said) in [
        ("test.txt", "Subject: Hello\n\n{{ nmae }}\n", "undefined value"),
        ("test.txt", "Hello\n\nno subject\n", "no subject"),
        ("test.html", "{% block", "syntax error"),
        ("tset.html", "", "no letter has this template"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(file), source).unwrap();
        let refused = renderer().with_templates(folder.path()).err().expect(file).to_string();
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn every_kind_of_letter_has_a_sample() {
    let names: Vec<_> = latchkey::mail::samples().iter().map(latchkey::mail::Sample::name).collect();
    for kind in LetterKind::ALL {
        assert!(names.iter().any(|name| name.ends_with(kind.as_str())), "{kind:?} is not in {names:?}");
    }
}
