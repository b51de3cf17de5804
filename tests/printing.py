"""Printed pages in tests: Word files made into pictures by LibreOffice, and what a phone's camera reads on them."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from leaving_out import left_out

DOTS = 150  # an inch
_ZBAR = "{http://zbar.sourceforge.net/2008/barcode}"


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        left_out(f"{name} is not installed")
    return found


def printed(documents: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """The PDF of each document, all made by one LibreOffice with a profile of its own."""
    office = program("soffice")
    for name, content in documents.items():
        (folder / f"{name}.docx").write_bytes(content)
    files = [str(folder / f"{name}.docx") for name in documents]
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, timeout=240, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {name: folder / f"{name}.pdf" for name in documents}


def pages(pdf: Path) -> int:
    """How many pages a PDF of LibreOffice has; its page objects stand in it as they are."""
    return pdf.read_bytes().count(b"/Type/Page/")


def seen(pdfs: Mapping[str, Path], rows: int = 1, columns: int = 1) -> dict[str, list[list[str]]]:
    """What a camera reads in the QR codes of the pages, by name, for each of the parts that a page is cut into."""
    parts = {name: _cut(_picture(pdf), rows, columns) for name, pdf in pdfs.items()}
    command = [program("zbarimg"), "--quiet", "--xml", "-Sdisable", "-Sqrcode.enable"]
    command += [str(part) for cut in parts.values() for part in cut]
    said = subprocess.run(command, check=False, timeout=240, capture_output=True).stdout
    read: dict[str, list[str]] = {}
    for source in ElementTree.fromstring(said).iter(f"{_ZBAR}source"):
        read[source.get("href", "")] = [data.text or "" for data in source.iter(f"{_ZBAR}data")]
    return {name: [read.get(str(part), []) for part in cut] for name, cut in parts.items()}


def _picture(pdf: Path) -> Path:
    command = [program("pdftoppm"), "-gray", "-r", str(DOTS), "-singlefile", str(pdf), str(pdf.with_suffix(""))]
    subprocess.run(command, check=True, timeout=60)
    return pdf.with_suffix(".pgm")


def _cut(picture: Path, rows: int, columns: int) -> list[Path]:
    """Parts of a picture in the plainest format there is: a line of words and numbers, then a byte for each dot."""
    kind, size, depth, dots = picture.read_bytes().split(b"\n", 3)
    assert (kind, depth) == (b"P5", b"255")
    width, height = map(int, size.split())
    wide, high = width // columns, height // rows
    parts = []
    for row in range(rows):
        for column in range(columns):
            lines = (dots[width * y + wide * column :][:wide] for y in range(high * row, high * (row + 1)))
            parts.append(picture.with_name(f"{picture.stem}-{row}-{column}.pgm"))
            parts[-1].write_bytes(b"P5\n%d %d\n255\n" % (wide, high) + b"".join(lines))
    return parts
