"""Two people do the same at the same moment: one pile is counted once, one sheet is kept, nobody is left hanging."""

from collections.abc import Callable

from at_once import at_once
from browser import Browser
from paper_piles import begin, count, from_paper, link_of, type_in
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import PaperSheet

SignedIn = Callable[[str], Browser]


def test_a_pile_finished_by_two_at_once_counts_once(signed_in: SignedIn, session: Session, world: World) -> None:
    link = link_of(session, world)
    people = [signed_in(name) for name in ("maple_member", "maple_leader") * 2]
    pile = begin(people[0], link, 2)
    for number in (1, 2):
        type_in(people[0], pile, number, {"school_welcome": "3"})
    proofs = [one.proof for one in people]
    statuses = at_once(
        [
            lambda one=one, proof=proof: one.request("POST", f"{pile}/finish", data={"proof": proof}).status
            for one, proof in zip(people, proofs, strict=True)
        ]
    )
    assert statuses == [303, 409, 409, 409]
    assert len(from_paper(session, link.id)) == 2


def test_piles_of_one_link_finished_at_once_all_count(signed_in: SignedIn, session: Session, world: World) -> None:
    link = link_of(session, world)
    people = [signed_in("maple_member") for _ in range(4)]
    piles = [begin(people[0], link, 3) for _ in people]
    for pile in piles:
        for number in (1, 2, 3):
            type_in(people[0], pile, number, {"school_welcome": "3"})
    proofs = [one.proof for one in people]
    statuses = at_once(
        [
            lambda one=one, pile=pile, proof=proof: (
                one.request("POST", f"{pile}/finish", data={"proof": proof}).status
            )
            for one, pile, proof in zip(people, piles, proofs, strict=True)
        ]
    )
    assert statuses == [303] * 4
    assert len(from_paper(session, link.id)) == 12


def test_a_sheet_saved_by_two_at_once_is_kept_once(signed_in: SignedIn, session: Session, world: World) -> None:
    link = link_of(session, world)
    people = [signed_in(name) for name in ("maple_member", "maple_leader")]
    pile = begin(people[0], link, 3)
    forms = [one.get(f"{pile}/1/1").page.form("/1/1").data() for one in people]
    statuses = at_once(
        [
            lambda one=one, form=form, code=code: (
                one.request("POST", f"{pile}/1/1", data={**form, "a-school_welcome": code}).status
            )
            for one, form, code in zip(people, forms, "12", strict=True)
        ]
    )
    assert statuses == [303, 409]
    assert count(session, PaperSheet) == 1
