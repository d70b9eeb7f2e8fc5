"""Packs built functions into the zips that infra/template.yaml names: the same bytes for the same binary.

    python3 infra/pack.py [--any-size] TARGET_DIRECTORY BINARIES NAME …

BINARIES is where the binaries are, with {} for the name. One that has grown beyond its bound is refused: each cold
start pays for what a function carries. --any-size is for binaries that aren't deployed to AWS, such as Cargo's dev
profile makes. A table of the zips is printed, as docs/measurements.md has it. Another zlib than the one that Python
comes with may compress otherwise: then only the binaries are the same.
"""

import hashlib
import pathlib
import stat
import sys
import zipfile

# The most bytes of a binary. The largest has a fourteenth to spare.
LARGEST = 7_000_000
# It carries the lists of words that passwords are judged by.
LARGEST_OF = {"set-password": 10_000_000}
ANY_SIZE = "--any-size"


def pack(binary, archive):
    """Writes the zip: no time, no owner, and the mode that Lambda needs."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | 0o755) << 16
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(entry, binary.read_bytes(), zipfile.ZIP_DEFLATED, 6)


def too_large(name, size):
    """Why a binary of this size is refused, or nothing."""
    largest = LARGEST_OF.get(name, LARGEST)
    return f"{name} has {size:,} bytes, and {largest:,} is the most" if size > largest else None


def main():
    target, binaries, *names = (argument for argument in sys.argv[1:] if argument != ANY_SIZE)
    sizes = {name: pathlib.Path(binaries.format(name)).stat().st_size for name in names}
    refused = [why for name in names if (why := too_large(name, sizes[name]))]
    if refused and ANY_SIZE not in sys.argv:
        sys.exit(f"infra/pack.py: {'; '.join(refused)}. See what came in, or raise the bound in infra/pack.py")
    print("| function | binary, bytes | zip, bytes | zip, sha256 |\n| --- | --- | --- | --- |")
    for name in names:
        binary = pathlib.Path(binaries.format(name))
        archive = pathlib.Path(target) / "lambda" / name / "bootstrap.zip"
        pack(binary, archive)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        print(f"| {name} | {sizes[name]} | {archive.stat().st_size} | `{digest}` |")


if __name__ == "__main__":
    main()
