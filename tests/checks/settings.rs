//! docs/configuration.md against the code.

use regain_bootstrap::settings::SETTINGS;
use regain_lab::documents::{table, write_or_compare_part};

#[test]
fn the_settings_are_documented() {
    let rows = SETTINGS.iter().map(|setting| {
        let bounds = |(low, high): (u32, u32)| format!("{low} to {high}");
        [
            format!("`{}`", setting.name),
            setting.unit.to_owned(),
            setting.default.to_string(),
            bounds(setting.safe),
            bounds(setting.possible),
            setting.purpose.to_owned(),
        ]
    });
    let head = ["variable", "unit", "default", "safe", "possible when local", "purpose"];
    write_or_compare_part("docs/configuration.md", "settings", &table(head, rows));
}
