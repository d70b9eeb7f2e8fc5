//! The file that holds the functions' keys, in the place of Secrets Manager.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::ids;

const FILE_NAME: &str = "keys.json";

/// The keys file, readable by its owner alone. One in a directory of its own goes away with this value.
#[derive(Debug)]
pub(crate) struct KeysFile {
    path: PathBuf,
    temporary: Option<PathBuf>,
}

impl KeysFile {
    /// Takes the keys file of the data directory, or makes one; without a data directory, makes one that
    /// lasts as long as this value. Keys that exist are never replaced: the table's hashes depend on them.
    pub(crate) fn prepare<K: AsRef<[u8]>>(
        data: Option<&Path>,
        generate: impl FnOnce() -> std::io::Result<K>,
    ) -> std::io::Result<Self> {
        let temporary = match data {
            Some(_) => None,
            None => Some(std::env::temp_dir().join(format!("regain-{}", ids::uuid()))),
        };
        if let Some(directory) = &temporary {
            DirBuilder::new().mode(0o700).create(directory)?;
        }
        let path = temporary.as_deref().or(data).unwrap_or(Path::new(".")).join(FILE_NAME);
        let keys = Self { path, temporary };
        if !keys.path.exists() {
            // Made before the file is, so that a failure leaves no empty file to be taken for keys.
            let content = generate()?;
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&keys.path)?;
            file.write_all(content.as_ref())?;
        }
        Ok(keys)
    }

    /// The directory that the file is in.
    pub(crate) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for KeysFile {
    fn drop(&mut self) {
        if let Some(directory) = &self.temporary
            && let Err(error) = std::fs::remove_dir_all(directory)
        {
            tracing::warn!(%error, directory = %directory.display(), "cannot remove the temporary keys");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn temporary_keys_are_private_and_go_away() {
        let keys = KeysFile::prepare(None, || Ok("{}")).unwrap();
        let path = keys.path().to_owned();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(keys);
        assert!(!path.parent().unwrap().exists());
    }

    #[test]
    fn kept_keys_are_used_again() {
        let data = std::env::temp_dir().join(format!("regain-test-{}", ids::uuid()));
        std::fs::create_dir(&data).unwrap();
        drop(KeysFile::prepare(Some(&data), || Ok("first")).unwrap());
        let again = KeysFile::prepare(Some(&data), || Ok("second")).unwrap();
        assert_eq!(std::fs::read_to_string(again.path()).unwrap(), "first");
        std::fs::remove_dir_all(&data).unwrap();
    }
}
