#!/usr/bin/env python3
"""Pictures of the emails in a browser, light and dark, narrow and wide.

  tests/pictures.py             those of docs/images
  tests/pictures.py DIRECTORY   each message in each language, to be looked at

Needs Debian's browser (apt-get install chromium fonts-noto-core); pngquant makes the pictures smaller if it is there.
"""

import argparse
import html
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
# docs/messages.md shows these.
KEPT = ["code", "link", "changed", "failures-spent"]
# A message in a language, its width in pixels, and whether it is dark.
SHOWN = [("en", 600, False), ("en", 320, True), ("ar", 320, False), ("de", 320, True)]
EACH = [(600, False), (320, False), (600, True), (320, True)]
GAP = 12


def emails(directory):
    """Every message in every language, as MESSAGE.LANGUAGE.html."""
    command = ["cargo", "test", "--workspace", "--quiet", "--lib", "--", "emails_can_be_written"]
    environment = os.environ | {"REGAIN_WRITE_EMAILS": str(directory)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return sorted({path.name.split(".")[0] for path in directory.glob("*.html")})


def sheet(directory, message, frames):
    """A page that has the message in frames beside each other, each as high as what is in it."""
    page = [
        f"<!doctype html><meta charset=utf-8><body style='margin:0;padding:{GAP}px;display:flex;gap:{GAP}px;"
        "align-items:flex-start;background:#8a929b'>"
    ]
    for language, width, is_dark in frames:
        source = (directory / f"{message}.{language}.html").read_text()
        scheme = "dark" if is_dark else "light"
        page.append(
            f"<iframe srcdoc=\"{html.escape(source)}\" style='color-scheme:{scheme};width:{width}px;flex:none;border:0'>"
            "</iframe>"
        )
    page.append(
        "<script>onload=()=>{for(const f of document.querySelectorAll('iframe'))"
        "f.style.height=f.contentDocument.body.scrollHeight+'px';"
        "document.body.dataset.height=document.body.scrollHeight}</script>"
    )
    return "\n".join(page), sum(width for _, width, _ in frames) + GAP * (len(frames) + 1)


def picture(work, page, width, image):
    source = work / "sheet.html"
    source.write_text(page)

    def chromium(*arguments):
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *arguments, source.as_uri()]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

    dom = chromium(f"--window-size={width},600", "--dump-dom")
    height = int(re.search(r'data-height="(\d+)"', dom)[1])
    chromium(f"--window-size={width},{height}", f"--screenshot={image}")
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--speed", "1", "64", image], check=True)
    print(image, image.stat().st_size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=pathlib.Path)
    directory = parser.parse_args().directory
    if not shutil.which("chromium"):
        raise SystemExit("There is no chromium: apt-get install chromium fonts-noto-core")
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for message in emails(work):
            if directory is None:
                if message not in KEPT:
                    continue
                IMAGES.mkdir(exist_ok=True)
                picture(work, *sheet(work, message, SHOWN), IMAGES / f"email-{message}.png")
                continue
            directory.mkdir(parents=True, exist_ok=True)
            for path in sorted(work.glob(f"{message}.*.html")):
                language = path.name.split(".")[1]
                frames = [(language, width, is_dark) for width, is_dark in EACH]
                picture(work, *sheet(work, message, frames), directory.resolve() / f"{message}.{language}.png")


if __name__ == "__main__":
    main()
