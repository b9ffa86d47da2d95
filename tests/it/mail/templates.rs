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
    const FAILS: &str = "were read, but the letter test can't be written with them: ";
    for (file, source, said) in [
        ("test.txt", "Subject: Hello\n\n{{ nmae }}\n", format!("{FAILS}undefined value (in test.txt:3)")),
        ("test.txt", "Hello\n\nno subject\n", format!("{FAILS}test.txt does not begin with `Subject: ")),
        ("test.html", "{% block", "test.html is no template: syntax error".to_owned()),
        ("tset.html", "", "tset.html: no letter has this template".to_owned()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(file), source).unwrap();
        let refused = renderer().with_templates(folder.path()).err().expect(file).to_string();
        assert!(refused.starts_with("mail.templates: ") && refused.contains(&said), "{refused}");
    }
}

#[test]
fn a_mistake_in_a_file_that_letters_take_in_is_told_by_that_files_name() {
    for (file, source) in [("foot.txt", "-- \n{{ nmae }}\n"), ("letter.html", "<p>\n{{ nmae }}</p>\n")] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(file), source).unwrap();
        let refused = renderer().with_templates(folder.path()).err().expect(file).to_string();
        assert!(refused.ends_with(&format!("undefined value (in {file}:2)")), "{refused}");
    }
}

#[test]
fn a_folder_of_templates_that_is_not_there_is_told_with_its_setting() {
    let refused = renderer().with_templates("/nowhere".as_ref()).err().expect("refused").to_string();
    assert!(refused.starts_with("mail.templates: /nowhere can't be read: No such file"), "{refused}");
}

#[test]
fn every_kind_of_letter_has_a_sample() {
    let names: Vec<_> = latchkey::mail::samples().iter().map(latchkey::mail::Sample::name).collect();
    for kind in LetterKind::ALL {
        assert!(names.iter().any(|name| name.ends_with(kind.as_str())), "{kind:?} is not in {names:?}");
    }
}
