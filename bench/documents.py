"""How fast a Word document is filled, against docxtpl and against the least that any program must do.

Run `python -m bench.documents` from the root of the checkout. The template is a plan with three goals, each
with a table of ten rows and six columns, a header and a footer. Everything runs in one process and takes
turns, so a busy machine slows all of it alike; what counts are the ratios.
"""

import io
import statistics
import time
import zipfile
from collections.abc import Callable
from typing import Any

import docx
from docx.oxml import OxmlElement
from docxtpl import DocxTemplate

from partnerforms.documents.fill import fill, text_of
from partnerforms.documents.templates import Rows, compile_template, package

COLUMNS = ("activity", "dates", "grades", "preparation", "responsible", "result")
NAMES = {
    "school": None,
    "year": None,
    "goals": Rows({"title": None, "aim": None, "activities": Rows(dict.fromkeys(COLUMNS))}),
}
GOALS, ROWS = 3, 10
ROUNDS = 15
RUNS = {"docxtpl": 1, "Template.fill": 60, "fill, read back": 15, "floor": 200}  # documents a round


def template() -> bytes:
    """The plan's template, as somebody would write it in Word."""
    doc = docx.Document()
    doc.core_properties.title = "{{ school }}"
    section = doc.sections[0]
    section.header.paragraphs[0].text = "{{ school }}, {{ year }}"
    section.footer.paragraphs[0].text = "One-year action plan of {{ school }}"
    doc.add_heading("One-year action plan {{ year }}", 0)
    doc.add_paragraph("{%p for goal in goals %}")
    doc.add_heading("{{ goal.title }}", 1)
    doc.add_paragraph("What we aim at: {{ goal.aim }}")
    table = doc.add_table(0, len(COLUMNS), style="Table Grid")
    for texts in (
        [column.capitalize() for column in COLUMNS],
        ["{%tr for row in goal.activities %}"],
        [f"{{{{ row.{column} }}}}" for column in COLUMNS],
        ["{%tr endfor %}"],
    ):
        cells = table.add_row().cells
        for cell, text in zip(cells, texts, strict=False):
            cell.text = text
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    doc.add_paragraph("{%p endfor %}")
    file = io.BytesIO()
    doc.save(file)
    return file.getvalue()


def context() -> dict[str, Any]:
    """Answers with the characters that answers have."""
    row = {
        "activity": "Family math night & science fair no. {}",
        "dates": "October 2026 – May 2027",
        "grades": "K–{}",
        "preparation": "Letters home in four languages, rooms, {} helpers",
        "responsible": "Ms. Ana Núñez, Mr. O'Neil",
        "result": "Attendance > 60 families; fewer than {} without a contact",
    }
    goals = [
        {
            "title": f"Goal {goal}: Reading & welcoming climate",
            "aim": "Every family hears from us <before> there is a problem.\nTwice a year at least.",
            "activities": [{name: text.format(number) for name, text in row.items()} for number in range(ROWS)],
        }
        for goal in range(1, GOALS + 1)
    ]
    return {"school": "Lincoln Elementary", "year": "2026–2027", "goals": goals}


def by_docxtpl(data: bytes, answers: dict[str, Any]) -> bytes:
    """The same document as docxtpl's documentation says, with autoescape."""
    document = DocxTemplate(io.BytesIO(data))
    document.render(answers, autoescape=True)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def median_times(jobs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """CPU milliseconds of each job, the median of all rounds; every job runs in every round."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            start = time.process_time()
            for _ in range(RUNS[name]):
                job()
            times[name].append((time.process_time() - start) * 1000 / RUNS[name])
    return {name: statistics.median(took) for name, took in times.items()}


def texts_of(value: Any) -> list[str]:
    """All texts in a context."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [text for part in inner for text in texts_of(part)]


def main() -> None:
    data, answers = template(), context()
    start = time.process_time()
    compiled = compile_template(data, NAMES, file="plan.docx")
    compiling = (time.process_time() - start) * 1000
    ours, theirs = compiled.fill(answers), by_docxtpl(data, answers)
    parts = [name for name in compiled.texts if name.startswith("word/")]
    assert text_of(ours, parts).split() == text_of(theirs, parts).split(), "the two documents differ"
    words = len(text_of(ours, parts).split())
    with zipfile.ZipFile(io.BytesIO(ours)) as archive:
        xml = archive.read("word/document.xml")
    texts = texts_of(answers)

    how = "zlib" if package.deflate is package.zlib_deflate else "isal, level 1"

    def floor() -> object:
        return package.crc32(xml), package.deflate(xml)

    took = median_times(
        {
            "docxtpl": lambda: by_docxtpl(data, answers),
            "Template.fill": lambda: compiled.fill(answers),
            "fill, read back": lambda: fill(compiled, answers, texts),
            "floor": floor,
        }
    )
    print(f"A plan of {GOALS} goals with {ROWS} rows of {len(COLUMNS)} columns each.")
    print(f"CPU time a document, median of {ROUNDS} rounds in which all four take turns in one process;")
    print(f"documents a round: {', '.join(f'{name} {count}' for name, count in RUNS.items())}.")
    print(f"The floor is a checksum and one deflate of the same document.xml ({how}).")
    print(f"Its document.xml has {len(xml):,} bytes. Both documents hold the same {words:,} words.")
    print(f"Compiling the template, once, took {compiling:.1f} ms.\n")
    print(f"{'':16}{'ms':>9}{'a second':>10}{'docxtpl ÷':>11}{'÷ floor':>9}{'bytes':>9}")
    sizes = {"docxtpl": len(theirs), "Template.fill": len(ours)}
    for name, each in took.items():
        against = f"{took['docxtpl'] / each:>11,.1f}{each / took['floor']:>9,.1f}"
        print(f"{name:16}{each:>9.3f}{1000 / each:>10,.0f}{against}{sizes.get(name, ''):>9}")


if __name__ == "__main__":
    main()
