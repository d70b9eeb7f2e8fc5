//! The ready file: how a program that started the stack learns where everything is.

use std::path::{Path, PathBuf};

use serde::Serialize;

/// Where the parts of the stack are reached.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Urls {
    /// The HTTP API.
    pub(crate) api: String,
    /// The notification gateway and the inbox.
    pub(crate) notifications: String,
    /// DynamoDB.
    pub(crate) dynamodb: String,
    /// The table's name in it.
    pub(crate) table: String,
}

/// The written file, removed when this value is dropped.
#[derive(Debug)]
pub(crate) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Writes the file whole: whoever waits for it never reads half of it.
    pub(crate) fn write(path: &Path, urls: &Urls) -> std::io::Result<Self> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(format!(".{}", std::process::id()));
        let unfinished = PathBuf::from(unfinished);
        std::fs::write(&unfinished, serde_json::to_vec(urls)?)?;
        std::fs::rename(&unfinished, path)?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, file = %self.0.display(), "cannot remove the ready file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_appears_whole_and_goes_away() {
        let path = std::env::temp_dir().join(format!("regain-ready-{}.json", crate::ids::uuid()));
        let urls = Urls {
            api: "http://127.0.0.1:1".to_owned(),
            notifications: "http://127.0.0.1:2".to_owned(),
            dynamodb: "http://127.0.0.1:3".to_owned(),
            table: "regain".to_owned(),
        };
        let ready = ReadyFile::write(&path, &urls).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(read["dynamodb"], "http://127.0.0.1:3");
        assert_eq!(read["table"], "regain");
        drop(ready);
        assert!(!path.exists());
    }
}
