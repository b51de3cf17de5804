"""Answer sheets by mail: never fewer than the minimum n, nothing that tells who or when, and the end of a survey."""

import random
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from browser import Browser
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from word_reading import attachment, lines_of, rows_of, words_of
from world import World, address, open_survey

from partnerforms.models import Delivery, Organization, Response, Survey, SurveyLink
from partnerforms.services.surveys import answering, opening
from partnerforms.services.tools import Tools

Mails = Callable[[], list[EmailMessage]]


@pytest.fixture
def answered(session: Session, tools: Tools, world: World) -> Callable[[str, int], None]:
    """Lets so many people of an audience answer; the comment of the first is "comment 1"."""
    nonces = counting()

    def answer(audience: str, times: int) -> None:
        link = session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes[audience])).one()
        for _ in range(times):
            number = next(nonces)
            answers = {"school_welcome": "very_well" if number % 2 else "unsure", "comment": f"comment {number}!"}
            chance = random.Random(number)
            answering.receive(session, link, f"page {number}", answers, "en", tools, chance, world.began)
        session.commit()

    return answer


def counting() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


@pytest.fixture
def close(session: Session, tools: Tools, world: World) -> Callable[[], None]:
    def end() -> None:
        survey = session.get_one(Survey, world.survey)
        opening.close(session, survey, tools, random.Random(5), world.began)
        session.commit()

    return end


def sheets(mail: EmailMessage) -> int:
    return sum(line.startswith("Answer sheet ") for line in lines_of(attachment(mail)))


def comments(mail: EmailMessage) -> list[int]:
    """The comments in the order in which they stand."""
    return comments_in(attachment(mail))


def comments_in(content: bytes) -> list[int]:
    lines = [line for line in lines_of(content) if line.startswith("comment ")]
    return [int(line.removeprefix("comment ").rstrip("!")) for line in lines]


def of(mails: list[EmailMessage], audience: str) -> list[EmailMessage]:
    """The mails with sheets of an audience."""
    found = [mail for mail in mails if not mail["Subject"].endswith("the survey is closed")]
    lines = [(mail, mail.get_body().get_content().splitlines()) for mail in found]  # type: ignore[union-attr]
    return [mail for mail, said in lines if f"Asked: {audience}" in said]


def report(mails: list[EmailMessage]) -> bytes:
    """The one report that was mailed."""
    (mail,) = [mail for mail in mails if mail["Subject"].endswith("the survey is closed")]
    return attachment(mail)


def row(content: bytes, first: str) -> list[str]:
    """What stands beside it in the first table that has it."""
    return next(cells[1:] for cells in rows_of(content) if cells[0] == first)


def test_nine_families_are_no_batch_and_the_tenth_makes_one(
    answered: Callable[[str, int], None], mails: Mails, session: Session
) -> None:
    answered("families", 9)
    assert session.scalar(select(func.count(Delivery.id))) == 0
    answered("families", 1)
    (mail,) = mails()
    assert mail["To"] == address("maple_coordinator")
    assert mail["Subject"] == "How we share the work: 10 answer sheets"
    assert sheets(mail) == 10
    answered("families", 9)
    assert len(mails()) == 1
    answered("families", 1)
    assert [sheets(one) for one in mails()] == [10, 10]
    assert sorted(number for one in mails() for number in comments(one)) == list(range(1, 21))


def test_five_of_the_staff_are_a_batch(answered: Callable[[str, int], None], mails: Mails) -> None:
    answered("staff", 4)
    assert mails() == []
    answered("staff", 1)
    assert [sheets(mail) for mail in mails()] == [5]


def test_larger_batches_hold_for_surveys_opened_from_then_on(
    answered: Callable[[str, int], None], mails: Mails, session: Session, tools: Tools, world: World
) -> None:
    session.get_one(Organization, world.places["district"]).minimum_n = 12
    later = open_survey(session, tools, "maple_leader", world.began, {"families": "batches", "staff": "batches"})
    assert {link.minimum_n for link in later.links} == {12}
    session.commit()
    answered("families", 10)
    assert [sheets(mail) for mail in mails()] == [10], "what respondents were told stays"


def test_comments_stand_apart_in_an_order_that_tells_nothing(
    answered: Callable[[str, int], None], mails: Mails
) -> None:
    answered("families", 10)
    (mail,) = mails()
    lines = lines_of(attachment(mail))
    last_sheet = max(place for place, line in enumerate(lines) if line.startswith("Answer sheet "))
    first_comment = min(place for place, line in enumerate(lines) if line.startswith("comment "))
    assert lines.index("Comments") < first_comment
    assert last_sheet < first_comment
    assert sorted(comments(mail)) == list(range(1, 11))
    assert comments(mail) != sorted(comments(mail))


def test_nothing_on_a_sheet_tells_the_day_or_a_reference(
    answered: Callable[[str, int], None], mails: Mails, session: Session, tools: Tools, world: World
) -> None:
    answered("community", 1)
    answered("families", 10)
    day = f"{tools.day(world.began):%B %-d, %Y}"
    references = [answering.reference(response) for response in session.scalars(select(Response))]
    assert len(references) == 11
    for mail in mails():
        words = words_of(attachment(mail))
        assert day not in words
        assert not [reference for reference in references if reference in words]


def test_the_tail_of_a_survey_is_neither_mailed_nor_counted(
    answered: Callable[[str, int], None], close: Callable[[], None], mails: Mails
) -> None:
    answered("families", 13)
    close()
    (batch,) = of(mails(), "Families")
    assert sheets(batch) == 10
    assert len(comments(batch)) == 10
    told = report(mails())
    assert row(told, "Families")[0] == "10"
    # of the first ten five said "very well" and five were unsure; the other three do not show
    assert row(told, "A welcoming school") == ["< 5 %", "< 5 %", "< 5 %", "< 5 %", "50 %", "50 %"]


def test_a_tail_that_is_large_enough_is_mailed_at_the_end(
    answered: Callable[[str, int], None], close: Callable[[], None], mails: Mails, session: Session, world: World
) -> None:
    answered("families", 10)
    link = session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes["families"])).one()
    link.delivery = "at_close"
    session.commit()
    answered("families", 11)
    close()
    assert [sheets(mail) for mail in of(mails(), "Families")] == [10, 11]


def test_nine_are_too_few_for_results_and_look_like_none(
    answered: Callable[[str, int], None], close: Callable[[], None], mails: Mails
) -> None:
    answered("families", 9)
    close()
    (mail,) = mails()
    told = attachment(mail)
    assert row(told, "Families") == row(told, "Students") == ["fewer than 10", "not entered", "–", "10"]
    assert "There are fewer than 10 answers, so nothing more is shown." in words_of(told)
    assert "A welcoming school" not in words_of(told)
    assert (sheets(mail), comments(mail)) == (0, [])


@pytest.mark.parametrize(("number", "mailed"), [(9, 0), (10, 10), (23, 23)])
def test_at_close_everything_or_nothing_is_mailed(
    number: int, mailed: int, answered: Callable[[str, int], None], close: Callable[[], None], mails: Mails
) -> None:
    answered("students", number)
    assert mails() == []
    close()
    sent = of(mails(), "Students")
    assert [sheets(mail) for mail in sent] == ([mailed] if mailed else [])
    assert sorted(number for mail in sent for number in comments(mail)) == list(range(1, mailed + 1))
    told = report(mails())
    assert row(told, "Students")[0] == (str(mailed) if mailed else "fewer than 10")
    assert comments_in(told) == []


def test_each_sheet_goes_out_as_it_arrives_and_results_at_the_end(
    answered: Callable[[str, int], None], close: Callable[[], None], mails: Mails
) -> None:
    answered("community", 2)
    assert [mail["Subject"] for mail in mails()] == ["How we share the work: one answer sheet"] * 2
    close()
    assert len(of(mails(), "Community leaders")) == 2
    assert row(report(mails()), "Community leaders")[0] == "fewer than 10"


def test_closing_twice_mails_once(close: Callable[[], None], mails: Mails) -> None:
    close()
    assert len(mails()) == 1
    close()
    assert len(mails()) == 1


def test_a_survey_ends_by_itself_when_its_last_day_has_passed(
    session: Session, tools: Tools, world: World, mails: Mails
) -> None:
    ended = open_survey(session, tools, "oak_leader", world.began, {"families": "batches"}, -9, -1)
    assert opening.close_due(session, tools, random.Random(1), world.began) == 1
    assert opening.close_due(session, tools, random.Random(1), world.began) == 0
    assert ended.closed_at == world.began
    session.commit()
    assert [mail["To"] for mail in mails()] == [address("oak_coordinator")]


def test_a_school_without_a_coordinator_is_served_by_the_district(
    session: Session, tools: Tools, world: World, mails: Mails
) -> None:
    survey = open_survey(session, tools, "foreign_leader", world.began, {"families": "batches"}, -9, -1)
    school = Organization(level="school", name="School without anybody", parent=survey.organization)
    session.add(school)
    session.flush()
    survey.organization_id = school.id
    session.commit()
    session.expire_all()
    opening.close_due(session, tools, random.Random(1), world.began)
    session.commit()
    assert [mail["To"] for mail in mails()] == [address("foreign_coordinator")]


def test_a_leader_ends_a_survey_on_the_page(
    answered: Callable[[str, int], None], signed_in: Callable[[str], Browser], mails: Mails, world: World
) -> None:
    answered("families", 10)
    leader = signed_in("maple_leader")
    page = leader.get(f"/surveys/{world.survey}").page
    assert "10 answered" in page.text
    form = leader.get(next(link for link in page.links if link.endswith("/close"))).page.form("/close")
    closed = leader.follow(leader.send(form)).page
    assert "Closed" in closed.text
    assert not [link for link in closed.links if link.endswith("/close")]
    assert len(mails()) == 2
    leader.send(form)
    assert len(mails()) == 2
