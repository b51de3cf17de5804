"""One compiled template, many threads: each gets its own document."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from partnerforms.documents.fill import fill
from partnerforms.documents.templates import Rows

from .making import compiled, opened, paper

THREADS, EACH = 8, 25


@pytest.fixture
def hasty():
    """Threads that give way all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_no_document_holds_the_answers_of_another():
    names = {"school": None, "goals": Rows({"title": None})}
    rows = [["{%tr for goal in goals %}"], ["{{ goal.title }} of {{ school }}"], ["{%tr endfor %}"]]
    template = compiled(paper(["{{ school }}"], rows, "{{ school }}"), names)

    def work(thread: int) -> list[bytes]:
        return [fill(template, answers(thread, number), [f"School {thread}/{number}"]) for number in range(EACH)]

    def answers(thread: int, number: int) -> dict[str, object]:
        titles = [{"title": f"Goal {thread}/{number}/{goal}"} for goal in range(20)]
        return {"school": f"School {thread}/{number}", "goals": titles}

    with ThreadPoolExecutor(THREADS) as pool:
        documents = list(pool.map(work, range(THREADS)))
    for thread, filled in enumerate(documents):
        assert filled == [template.fill(answers(thread, number)) for number in range(EACH)]
        last = opened(filled[-1])
        assert last.paragraphs[0].text == f"School {thread}/{EACH - 1}"
        assert last.tables[0].cell(19, 0).text == f"Goal {thread}/{EACH - 1}/19 of School {thread}/{EACH - 1}"
