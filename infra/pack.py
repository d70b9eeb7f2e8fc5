"""Packs built functions into the zips that infra/template.yaml names: the same bytes for the same binary.

    python3 infra/pack.py TARGET_DIRECTORY BINARIES NAME …

BINARIES is where the binaries are, with {} for the name. A table of the zips is printed, as docs/measurements.md has
it. Another zlib than the one that Python comes with may compress otherwise: then only the binaries are the same.
"""

import hashlib
import pathlib
import stat
import sys
import zipfile


def pack(binary, archive):
    """Writes the zip: no time, no owner, and the mode that Lambda needs."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | 0o755) << 16
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(entry, binary.read_bytes(), zipfile.ZIP_DEFLATED, 6)


def main():
    target, binaries, *names = sys.argv[1:]
    print("| function | binary, bytes | zip, bytes | zip, sha256 |\n| --- | --- | --- | --- |")
    for name in names:
        binary = pathlib.Path(binaries.format(name))
        archive = pathlib.Path(target) / "lambda" / name / "bootstrap.zip"
        pack(binary, archive)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        print(f"| {name} | {binary.stat().st_size} | {archive.stat().st_size} | `{digest}` |")


if __name__ == "__main__":
    main()
