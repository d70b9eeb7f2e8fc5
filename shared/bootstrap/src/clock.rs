//! The clock of a function: the system's, or on a local stack one that can be moved.

use std::path::PathBuf;
use std::sync::Arc;

use regain_crypto::SystemClock;
use regain_domain::{Clock, Timestamp};

use crate::settings::{SettingError, Settings};

const CLOCK_FILE: &str = "REGAIN_CLOCK_FILE";

/// Time moved by the number of seconds that a file holds: the whole local stack shares the file.
struct MovableClock {
    file: PathBuf,
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let offset =
            std::fs::read_to_string(&self.file).ok().and_then(|text| text.trim().parse::<i64>().ok());
        let now = SystemClock.now().as_unix();
        Timestamp::from_unix(now.saturating_add(offset.unwrap_or(0)))
    }
}

/// The clock that the variables ask for.
///
/// # Errors
/// [`SettingError`] if a movable clock is asked for where the stage is not `local`.
pub(crate) fn read(settings: &Settings<'_>) -> Result<Arc<dyn Clock>, SettingError> {
    match settings.text(CLOCK_FILE) {
        None => Ok(Arc::new(SystemClock)),
        Some(path) if settings.stage().is_local() => Ok(Arc::new(MovableClock { file: path.into() })),
        Some(_) => Err(SettingError::Malformed(CLOCK_FILE, "must not be set unless REGAIN_STAGE is local")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(stage: &str, path: &str) -> Result<Arc<dyn Clock>, SettingError> {
        let variables = |name: &str| match name {
            "REGAIN_STAGE" => Some(stage.to_owned()),
            CLOCK_FILE => Some(path.to_owned()),
            _ => None,
        };
        read(&Settings::new(&variables)?)
    }

    #[test]
    fn only_a_local_stage_moves_its_clock() {
        let path = std::env::temp_dir().join(format!("regain-clock-{}", std::process::id()));
        std::fs::write(&path, "86400\n").unwrap();
        let moved = clock("local", path.to_str().unwrap()).unwrap().now();
        let difference = SystemClock.now().seconds_until(moved);
        assert!((86_390..=86_400).contains(&difference), "{difference}");
        std::fs::remove_file(&path).unwrap();
        let error = clock("production", "/tmp/clock").err().unwrap().to_string();
        assert!(error.contains(CLOCK_FILE), "{error}");
    }
}
