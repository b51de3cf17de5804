"""Charts of a report as LibreOffice draws them: in their colours, in both directions."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from leaving_out import left_out

from partnerforms.documents import charts
from partnerforms.documents.report import report
from partnerforms.languages import read_library

from .telling import results
from .test_libreoffice import pages, streams

pytestmark = pytest.mark.xdist_group("libreoffice")

_FILL = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) rg")


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        left_out("LibreOffice is not installed")
    folder, library = tmp_path_factory.mktemp("office"), read_library()
    for language in ("en", "ar"):
        (folder / f"{language}.docx").write_bytes(report(results(library, language)))
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, folder.glob("*.docx"))]
    subprocess.run(command, check=True, timeout=240, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {path.stem: path.read_bytes() for path in Path(folder).glob("*.pdf")}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_colour_of_a_chart_is_drawn(pdfs: dict[str, bytes], language: str) -> None:
    assert 8 <= pages(pdfs[language]) <= 16
    filled = {
        "".join(f"{round(float(part) * 255):02X}" for part in found)
        for stream in streams(pdfs[language])
        for found in _FILL.findall(stream)
    }
    drawn = {charts.AUDIENCES[audience] for audience in ("families", "students", "staff")}
    assert {*charts.STEPS, *drawn} <= filled
