"""What documents of results tell, and the parts they share: the cover, who answered, results in brief.

All figures have passed the gate: they are the shares of `engine.disclosure` and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from partnerforms.documents.writing import Writing
from partnerforms.engine.disclosure import Share, TooFew, share
from partnerforms.engine.gaps import Gap, Priority, ends
from partnerforms.engine.model import Instrument, Scale
from partnerforms.engine.tally import ItemTally, Tally
from partnerforms.engine.texts import Language

NOTHING = "–"
_FEW, _WIDEST = 3, 5  # named in brief: rated best, rated lowest, to be worked on first; and where views differ


@dataclass(frozen=True)
class Heard:
    """One audience of a place: who they are, what they were asked, what may be shown of what they said.

    `invited` is how many were asked, when somebody has entered it. `others` has the shares of good ratings elsewhere,
    by the head of a column and the item: above the place, and there a year before.
    """

    audience: str
    name: str
    instrument: Instrument
    counted: Tally | TooFew
    least: int
    invited: int | None
    priorities: Sequence[Priority] = ()
    others: Mapping[str, Mapping[str, Share]] = field(default_factory=dict)
    comments: Sequence[str] = ()


@dataclass(frozen=True)
class Results:
    """What a report tells, in one language. `words` are those of `engine.report_texts` and of all documents.

    `responsibilities` and `activities` say what the bank's and the inventory's ids mean.
    """

    organization: str
    survey: str
    dates: str
    made_on: str
    language: Language
    words: Mapping[str, str]
    heard: Sequence[Heard]
    gaps: Sequence[Gap]
    responsibilities: Mapping[str, str]
    activities: Mapping[str, str]
    logo: bytes | None = None

    @property
    def right_to_left(self) -> bool:
        return self.language.direction == "rtl"

    @property
    def names(self) -> dict[str, str]:
        """What audiences are called."""
        return {one.audience: one.name for one in self.heard}


def begin(results: Results, kind: str, mark: str = "") -> Writing:
    """A document of this kind about a survey: cover and footer, and what is to be said of its language."""
    words, language = results.words, results.language
    writing = Writing(f"{kind}: {results.survey}")
    writing.paper.cover(
        writing.tag(kind),
        writing.tags([f"{results.organization} · {results.survey}"]),
        writing.tags([f"{words['dates']}: {results.dates}  ·  {words['made_on']}: {results.made_on}"]),
    )
    footer = [results.organization, kind, *([mark] if mark else [])]
    writing.paper.footer(writing.tag(" · ".join(footer)), writing.tag(words["page"]), words["of"])
    if mark:
        writing.paragraph(mark, "Question")
    if not language.reviewed_by:
        writing.paragraph(words["unreviewed"].format(language=language.name), "Hint")
    return writing


def who(writing: Writing, results: Results) -> None:
    """How many answers were counted of how many people asked, for each audience."""
    words = results.words
    writing.heading(words["who"])
    heads = [words[name] for name in ("audience", "counted", "invited", "part", "smallest")]
    table = writing.paper.grid(writing.tags(heads), [3, 2, 2, 2, 2], words["who"])
    writing.paper.middle_heads(table, range(1, 5))
    for one in results.heard:
        number = words["fewer"].format(least=one.least)
        part = NOTHING
        if isinstance(one.counted, Tally):
            number = str(one.counted.n)
            part = share(min(one.counted.n, one.invited), one.invited).said(words) if one.invited else NOTHING
        asked = str(one.invited) if one.invited else words["not_known"]
        writing.paper.row(
            table, writing.tags([one.name, number, asked, part, str(one.least)]), range(1, 5), "Table Count"
        )
    writing.paper.end_table()


def brief(writing: Writing, results: Results) -> None:
    """For each audience what it rates best and lowest and wants first; then where views differ most."""
    words = results.words
    writing.heading(words["brief"])
    for one in results.heard:
        writing.heading(one.name, 2)
        if not isinstance(one.counted, Tally):
            writing.paragraph(words["too_few"].format(least=one.least))
            continue
        best, lowest = (
            [f"{item.short}: {good.said(words)}" for item, good in ratings] for ratings in ends(one.counted, _FEW)
        )
        first = [
            f"{results.responsibilities[priority.responsibility]}: {priority.chosen.said(words)}"
            for priority in one.priorities[:_FEW]
        ]
        writing.paper.pairs(
            [
                (writing.tag(words["highest"]), writing.tags(best) or ""),
                (writing.tag(words["lowest"]), writing.tags(lowest) or ""),
                (writing.tag(words["first_choices"]), writing.tags(first or [words["nothing_chosen"]])),
            ]
        )
    if apart := [gap for gap in results.gaps[:_WIDEST] if gap.points]:
        writing.heading(words["gaps"], 2)
        for gap in apart:
            seen = " · ".join(f"{results.names[one]} {good.said(words)}" for one, good in gap.seen.items())
            writing.paragraph(f"{results.responsibilities[gap.responsibility]}: {seen}", "List Bullet")


def rated(instrument: Instrument, counted: Tally) -> list[tuple[str, list[tuple[Scale, ItemTally]]]]:
    """The ratings that may be shown, under the titles of their sections."""
    found = []
    for section in instrument.sections:
        scales = [item for item in section.items if isinstance(item, Scale)]
        rows = [(item, counted.items[item.id]) for item in scales if item.id in counted.items]
        rows = [(item, one) for item, one in rows if one.answered + one.unsure]
        if rows:
            found.append((section.title, rows))
    return found


def good_text(good: Share | None, words: Mapping[str, str]) -> str:
    """A share of good ratings, or that there is none to show."""
    return NOTHING if good is None else good.said(words)


def good_hint(writing: Writing, results: Results, counted: Tally) -> None:
    """What a good rating is, in the words of the scale."""
    scale = next((one.item for one in counted.items.values() if isinstance(one.item, Scale)), None)
    if scale is not None:
        low, high = (option.label for option in scale.options[-2:])
        writing.paragraph(results.words["good_hint"].format(one=low, other=high), "Hint")
