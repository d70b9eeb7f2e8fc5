//! Hashes that other implementations made (`testdata/README.md` says which), and texts that none did.

use std::sync::LazyLock;

use data_encoding::BASE64;
use proptest::prelude::*;
use regain_domain::port::{PasswordHasher as _, PasswordMatch};
use regain_domain::{ForeignHash, HashUnsupported, Password, PasswordHash};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::foreign::Foreign;
use crate::stored::StoredHash;
use crate::{Argon2Parameters, Argon2id, SystemRandom};

#[derive(Deserialize)]
struct Vector {
    made_by: String,
    password: String,
    hash: String,
}

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let files = [include_str!("../testdata/argon2.jsonl"), include_str!("../testdata/imported.jsonl")];
    files.into_iter().flat_map(str::lines).map(|line| serde_json::from_str(line).unwrap()).collect()
});

fn vector(is_it: impl Fn(&Vector) -> bool) -> &'static Vector {
    VECTORS.iter().find(|vector| is_it(vector)).unwrap()
}

fn hasher() -> Argon2id<SystemRandom> {
    Argon2id::new(Argon2Parameters { memory_kib: 64, iterations: 1 }, SystemRandom).unwrap()
}

fn import(text: &str) -> PasswordHash {
    let foreign = ForeignHash::new(Zeroizing::new(text.to_owned()));
    hasher().import(&foreign).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn verify(password: &str, hash: &PasswordHash) -> PasswordMatch {
    hasher().verify(&Password::new(password), Some(hash)).unwrap()
}

fn refusal(text: &str) -> HashUnsupported {
    Foreign::read(text).expect_err(text)
}

#[test]
fn hashes_of_other_implementations_are_taken_match_their_password_alone_and_are_to_be_replaced() {
    for Vector { made_by, password, hash } in &*VECTORS {
        let imported = import(hash);
        assert_eq!(verify(password, &imported), PasswordMatch::YesWithOldParameters, "{made_by}: {hash}");
        // Before it, not behind: bcrypt has an end.
        assert_eq!(verify(&format!(".{password}"), &imported), PasswordMatch::No, "{made_by}: {hash}");
    }
}

#[test]
fn what_is_stored_names_its_scheme_in_one_form_and_is_read_again() {
    for Vector { hash, .. } in &*VECTORS {
        let imported = import(hash);
        let stored = StoredHash::decode(imported.as_phc()).unwrap();
        assert_eq!(stored.encode(), imported.as_phc());
        // What a table has another takes.
        assert_eq!(import(imported.as_phc()), imported);
    }
}

#[test]
fn a_bare_digest_is_stored_under_argon2id_alone() {
    let digest = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8";
    for text in [
        format!("$sha1$s=prefix$${digest}"),
        "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=".to_owned(),
        "$sha1$s=suffix$$W6ph5Mm5Pz8GgiULbPgzG37mj9g".to_owned(),
    ] {
        let stored = import(&text);
        assert!(stored.as_phc().starts_with("$sha1$s="), "{}", stored.as_phc());
        assert!(stored.as_phc().contains("$argon2id$v=19$m=64,t=1,p=1$"), "{}", stored.as_phc());
        assert!(
            !stored.as_phc().contains("W6ph5Mm5Pz8GgiULbPgzG37mj9g") && !stored.as_phc().contains(digest)
        );
        assert_eq!(verify("password", &stored), PasswordMatch::YesWithOldParameters);
        assert_eq!(verify("Password", &stored), PasswordMatch::No);
        // Whoever has the digest hasn't the password.
        assert_eq!(verify(digest, &stored), PasswordMatch::No);
        assert_ne!(stored, import(&text), "salts are fresh");
    }
    // In the table it would be nobody's.
    for bare in [format!("$sha1$s=prefix$${digest}"), format!("sha1$${digest}"), digest.to_owned()] {
        assert_eq!(verify("password", &PasswordHash::from_phc(bare)), PasswordMatch::No);
    }
}

#[test]
fn the_signer_key_of_firebase_is_not_stored() {
    let vector = vector(|vector| vector.made_by == "Firebase");
    let stored = import(&vector.hash);
    let key = vector.hash.rsplit('$').next().unwrap().trim_end_matches('=');
    assert!(stored.as_phc().starts_with("$firebase-scrypt$ln=14,r=8,p=1$"), "{}", stored.as_phc());
    assert!(!stored.as_phc().contains(key));
}

#[test]
fn bcrypt_takes_72_bytes_and_no_zero() {
    let of = |password: &str| vector(|v| v.password == password && v.hash.starts_with("$2b$"));
    let stored = import(&of(&"a".repeat(72)).hash);
    assert_ne!(verify(&"a".repeat(73), &stored), PasswordMatch::No);
    assert_eq!(verify(&"a".repeat(71), &stored), PasswordMatch::No);
    let stored = import(&of("x").hash);
    for with_zero in ["x\0", "x\0x", "x\0y", "\0"] {
        assert_eq!(verify(with_zero, &stored), PasswordMatch::No, "{with_zero:?}");
    }
    // Django's digest takes all of it.
    let stored = import(&vector(|v| v.hash.starts_with("bcrypt_sha256") && v.password.len() > 72).hash);
    assert_eq!(verify(&"a".repeat(73), &stored), PasswordMatch::No);
}

#[test]
fn a_password_is_no_longer_than_a_round_takes() {
    for prefix in ["$5$", "$6$", "$P$"] {
        let vector = vector(|v| v.hash.starts_with(prefix) && v.password == "x");
        let started = verify(&"x".repeat(1 << 20), &import(&vector.hash));
        assert_eq!(started, PasswordMatch::No);
    }
}

#[test]
fn hashes_that_one_sign_in_could_not_bear_are_refused_before_anything_is_computed() {
    let (b22, b31) = ("CzBVepE6Q4zWH2ix/wRNge", "3yUfS8v9pYL6FFy2KyyhuVdVuNl6FYe");
    let output = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
    let long = "A".repeat(1_360);
    let asp_net = |iterations: u32| {
        let parts = [&[1, 0, 0, 0, 1][..], &iterations.to_be_bytes(), &16_u32.to_be_bytes(), &[7; 48]];
        BASE64.encode(&parts.concat())
    };
    for (bearable, costly) in [
        (format!("$2b$14${b22}{b31}"), format!("$2b$15${b22}{b31}")),
        (format!("$2a$14${b22}{b31}"), format!("$2y$31${b22}{b31}")),
        (format!("bcrypt_sha256$$2b$14${b22}{b31}"), format!("bcrypt_sha256$$2b$15${b22}{b31}")),
        (format!("$scrypt$ln=17,r=8,p=2$AA${output}"), format!("$scrypt$ln=17,r=8,p=3$AA${output}")),
        (format!("$scrypt$ln=20,r=1,p=2$AA${output}"), format!("$scrypt$ln=21,r=1,p=1$AA${output}")),
        (format!("$scrypt$ln=1,r=1,p=8192$AA${output}"), format!("$scrypt$ln=1,r=1,p=8193$AA${output}")),
        (
            format!("$scrypt$ln=1,r=8192,p=1$AA${output}"),
            format!("$scrypt$ln=1,r=4294967295,p=4294967295$AA${output}"),
        ),
        (format!("$scrypt$ln=1,r=1,p=1$AA${output}"), format!("$scrypt$ln=63,r=4294967295,p=1$AA${output}")),
        (format!("scrypt$131072$s$8$1${output}="), format!("scrypt$262144$s$8$1${output}=")),
        (
            format!("scrypt:131072:8:1$s${}", "00".repeat(64)),
            format!("scrypt:2147483648:8:1$s${}", "00".repeat(64)),
        ),
        (
            format!("$firescrypt$ln=14,r=8,p=1$AA${output}$Bw${output}"),
            format!("$firescrypt$ln=40,r=8,p=1$AA${output}$Bw${output}"),
        ),
        (format!("$pbkdf2-sha256$i=2000000$AA${output}"), format!("$pbkdf2-sha256$i=2000001$AA${output}")),
        (format!("$pbkdf2-sha1$i=1000000$AA${output}"), format!("$pbkdf2-sha1$i=1000001$AA${output}")),
        // 1,020 bytes are 32 blocks.
        (format!("$pbkdf2-sha256$i=62500$AA${long}"), format!("$pbkdf2-sha256$i=62501$AA${long}")),
        (format!("pbkdf2_sha256$1200000$s${output}="), format!("pbkdf2_sha256$4294967295$s${output}=")),
        (asp_net(2_000_000), asp_net(u32::MAX)),
        (
            format!("$5$rounds=1000000$s${}", "A".repeat(43)),
            format!("$5$rounds=1000001$s${}", "A".repeat(43)),
        ),
        (format!("$6$s${}", "A".repeat(86)), format!("$6$rounds=999999999$s${}", "A".repeat(86))),
        (format!("$P$Isaltsalt{}", "A".repeat(22)), format!("$H$Jsaltsalt{}", "A".repeat(22))),
        (
            format!("$md5$s=prefix$$argon2id$v=19$m=131072,t=8,p=1$c2FsdHNhbHQ${output}"),
            format!("$md5$s=prefix$$argon2id$v=19$m=131073,t=1,p=1$c2FsdHNhbHQ${output}"),
        ),
    ] {
        let check = |text: &str| hasher().check(&ForeignHash::new(Zeroizing::new(text.to_owned())));
        assert_eq!(check(&bearable), Ok(()), "{bearable}");
        assert_eq!(check(&costly), Err(HashUnsupported::TooCostly), "{costly}");
        // One that is stored all the same is nobody's, and no cost is paid for it.
        if !costly.contains("argon2id") {
            assert_eq!(verify("x", &PasswordHash::from_phc(costly)), PasswordMatch::No);
        }
    }
}

#[test]
fn what_names_no_known_scheme_is_refused() {
    let (hex, b22) = ("5f4dcc3b5aa765d61d8327deb882cf99", "CzBVepE6Q4zWH2ix/wRNge");
    for text in [
        "",
        "$",
        "$$",
        "$$$$",
        "correct horse battery staple",
        "pa$$word",
        "pa$word",
        hex,
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$2$12$CzBVepE6Q4zWH2ix/wRNge3yUfS8v9pYL6FFy2KyyhuVdVuNl6FYe",
        "$2x$12$CzBVepE6Q4zWH2ix/wRNge3yUfS8v9pYL6FFy2KyyhuVdVuNl6FYe",
        "$7$CU..../....2Q9obwLhin8qvQl6sisAO/$E1HizYWxBmnIH4sdPkd1UOML9t62Gf.wvNTnt5XFzs8",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
        "{CRYPT}$2b$12$CzBVepE6Q4zWH2ix",
        "{CLEAR}secret",
        "{SSHA",
        "AQAAAAMAACcQAAAAEKCXqPkTd4PVgEGvjhfvs1Q=",
        "AQ==",
        "plain:text$a$b",
        "sha512$salt$00",
    ] {
        assert_eq!(refusal(text), HashUnsupported::Scheme, "{text}");
    }
    assert_eq!(refusal(&format!("md4$salt${hex}")), HashUnsupported::Scheme);
    assert_eq!(refusal(&format!("$2b$99${b22}")), HashUnsupported::Malformed);
}

#[test]
fn what_no_program_of_its_scheme_writes_is_refused() {
    let (b22, b31) = ("CzBVepE6Q4zWH2ix/wRNge", "3yUfS8v9pYL6FFy2KyyhuVdVuNl6FYe");
    let output = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
    for text in [
        format!("$2b$4${b22}{b31}"),
        format!("$2b$03${b22}{b31}"),
        format!("$2b$32${b22}{b31}"),
        format!("$2b$+5${b22}{b31}"),
        format!("$2b$05${b22}{b31}A"),
        format!("$2b$05${b22}"),
        format!("$2b$05${b22}{}", b31.replace('y', "!")),
        format!("$2b$05${b22}{}", b31.replace('y', "\u{e5}")),
        format!("$scrypt$r=8,ln=14,p=1$AA${output}"),
        format!("$scrypt$ln=0,r=8,p=1$AA${output}"),
        format!("$scrypt$ln=14,r=0,p=1$AA${output}"),
        format!("$scrypt$ln=014,r=8,p=1$AA${output}"),
        format!("$scrypt$ln=64,r=8,p=1$AA${output}"),
        format!("$scrypt$ln=14,r=8,p=1,x=1$AA${output}"),
        "$scrypt$ln=14,r=8,p=1$AA$AAAA".to_owned(),
        format!("scrypt$15$s$8$1${output}="),
        format!("scrypt$0$s$8$1${output}="),
        format!("$pbkdf2-sha256$i=0$AA${output}"),
        format!("$pbkdf2-sha256$0$AA${output}"),
        format!("$pbkdf2-sha256$i=10,l=31$AA${output}"),
        format!("$pbkdf2-sha256$i=10,l=x$AA${output}"),
        format!("$pbkdf2-sha256$-1$AA${output}"),
        format!("$pbkdf2-sha256$i=10$A${output}"),
        "$pbkdf2-sha256$i=10$AA$".to_owned(),
        format!("$5$rounds=999$s${}", "A".repeat(43)),
        format!("$5$rounds=5000$saltsaltsaltsalts${}", "A".repeat(43)),
        format!("$5$s${}", "A".repeat(42)),
        format!("$6$s${}", "A".repeat(43)),
        format!("$5$round=5000$s${}", "A".repeat(43)),
        format!("$P$4saltsalt{}", "A".repeat(22)),
        "$P$Bsaltsalt".to_owned(),
        "$P$".to_owned(),
        "$P$\u{e5}\u{e5}".to_owned(),
        "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=".to_owned(),
        "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9gAAA==".to_owned(),
        "{MD5}AAAA".to_owned(),
        "md5$salt$5f4dcc3b".to_owned(),
        "$md5$s=prefix$$5f4dcc3b5aa765d61d8327deb882cf9g".to_owned(),
        "$md5$s=middle$$5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
        "$md5$s=prefix$!$5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
        "AQAAAAEAACcQ/////6CXqPkTd4PVgEGvjhfvs1Q=".to_owned(),
        "AQAAAAEAACcQ".to_owned(),
        format!("$firescrypt$ln=14,r=8,p=1$AA${output}$Bw$AAAA"),
        format!("$firescrypt$ln=14,r=8$AA${output}$Bw${output}"),
        format!("$pbkdf2-sha256$i=10$AA${}", "A".repeat(8 << 10)),
        "A".repeat(1 << 20),
        "$".repeat(1 << 20),
    ] {
        let shown: String = text.chars().take(80).collect();
        assert_eq!(refusal(&text), HashUnsupported::Malformed, "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,80}") {
        let _ = (Foreign::read(&text), StoredHash::decode(&text));
    }

    #[test]
    fn no_text_like_a_hash_makes_the_readers_panic_and_what_is_read_is_bounded(
        start in prop::sample::select(vec![
            "$2b$", "bcrypt_sha256$$2b$", "$5$rounds=", "$6$", "$P$", "$H$", "$scrypt$ln=", "scrypt$", "scrypt:",
            "pbkdf2:sha1:", "$pbkdf2$", "$pbkdf2-sha512$i=", "pbkdf2_sha1$", "$firescrypt$ln=", "md5$", "$md5$s=key$",
            "{SSHA}", "AQAAAAE", "$argon2id$v=19$m=", "$sha1$s=prefix$$argon2id$v=19$m=", "$bcrypt$c=",
        ]),
        rest in "[0-9]{0,10}[$,:=]?[a-zA-Z0-9./+_-]{0,60}[$=,]?[lrpt=,0-9]{0,12}[$]?[a-zA-Z0-9./+]{0,90}",
    ) {
        let text = format!("{start}{rest}");
        let _ = StoredHash::decode(&text);
        if let Ok(Foreign::Slow(stored)) = Foreign::read(&text) {
            prop_assert_eq!(StoredHash::decode(&stored.encode()), Ok(stored));
        }
    }

    /// One character of a real hash is another.
    #[test]
    fn a_changed_hash_is_refused_or_another(index in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), to in "[ -~]") {
        let mut text = index.get(&VECTORS).hash.clone();
        let place = place.index(text.len());
        text.replace_range(place..=place, &to);
        let _ = (Foreign::read(&text), StoredHash::decode(&text));
    }
}
