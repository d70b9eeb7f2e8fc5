//! Directories of stacks. They stand below Cargo's own, and those that an earlier run has left go away: a stack that
//! is killed can't tidy up, and one that many tests share ends with the process of the tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::timeouts::output;

/// A new directory for a stack and for its temporary files.
pub(crate) fn directory() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    static ALL: LazyLock<PathBuf> = LazyLock::new(|| {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stacks");
        remove_left(&all);
        all
    });
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let directory = ALL.join(format!("{}-{number}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Removes the directories of test processes that have ended.
fn remove_left(all: &Path) {
    for left in std::fs::read_dir(all).into_iter().flatten().flatten() {
        let name = left.file_name().into_string().unwrap();
        let process = name.split('-').next().unwrap();
        if !output(Command::new("kill").args(["-0", process])).status.success() {
            // Another run may be removing it too.
            let _ = std::fs::remove_dir_all(left.path());
        }
    }
}
