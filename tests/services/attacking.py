"""The attack on results: linear algebra over what is shown of a small state, also by readers of sheets.

It reckons modulo a large prime, which finds all that exact fractions find: those who are shown are whole numbers of
ones and zeros, and nothing that has to be divided by is near so large.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations
from uuid import UUID

from small_states import Atom, State, up

from partnerforms.engine.disclosure import least

PRIME = 2**61 - 1
Vector = dict[Atom, int]


def leaks(state: State) -> list[str]:
    """Every group of 1 to k − 1 people that follows from what is shown, for who has read no answer sheet, those of
    one school, or all."""
    found, schools_in = [], within(state).values()
    for (audience, item), views in state.views.items():
        sizes, smallest = +state.sizes[audience, item], least(audience, None)
        shown = [_whole(dict(view), sizes) for view in {frozenset(view.items()) for view in views.values()}]
        lattice = set(_lattice(schools_in, state.rounds, sizes))
        for told in _readers(sizes):
            found += [f"{audience} {item}: {group}" for group in _small(lattice, sizes, smallest, shown, told)]
    return found


def _whole(view: Mapping[Atom, int], sizes: Mapping[Atom, int]) -> Vector:
    """Who a figure is made of: always all of an atom."""
    assert all(count == sizes[atom] for atom, count in view.items())
    return dict.fromkeys(view, 1)


def _readers(sizes: Mapping[Atom, int]) -> Iterator[frozenset[Atom]]:
    """What attackers know already."""
    mailed = frozenset(atom for atom in sizes if atom[1])
    yield frozenset()
    for school in {school for school, _, _ in mailed}:
        yield frozenset(atom for atom in mailed if atom[0] == school)
    yield mailed


def _small(
    lattice: set[frozenset[Atom]],
    sizes: Mapping[Atom, int],
    smallest: int,
    shown: list[Vector],
    told: frozenset[Atom],
) -> Iterator[object]:
    """The small groups of people not told of that follow from what is shown and told."""

    def few(group: Iterable[Atom]) -> bool:
        return 0 < sum(sizes[atom] for atom in group if atom not in told) < smallest

    basis: dict[Atom, Vector] = {}
    for row in (*({atom: 1} for atom in told), *sorted(shown, key=len)):
        _add(row, basis)
    for row in basis.values():
        if set(row.values()) == {1} and few(row):
            yield sorted(row)
    for group in filter(few, lattice):
        if not _reduced(dict.fromkeys(group, 1), basis):
            yield "derived", sorted(group)
    for one, other in permutations([frozenset(row) for row in shown], 2):
        if one < other and few(other - one):
            yield "difference", sorted(other - one)


def _lattice(
    schools_in: Iterable[set[int]], publications: int, sizes: Mapping[Atom, int]
) -> Iterator[frozenset[Atom]]:
    """Every place with all below it, in each publication and in all, with the mailed and without."""
    for schools in schools_in:
        inside = [atom for atom in sizes if atom[0] in schools]
        for publication in (None, *range(1, publications + 1)):
            then = [atom for atom in inside if publication in (None, atom[2])]
            mailed = frozenset(atom for atom in then if atom[1])
            yield from (frozenset(then), mailed, frozenset(then) - mailed)


def _add(row: Vector, basis: dict[Atom, Vector]) -> None:
    """Another row of a fully reduced basis."""
    left = _reduced(row, basis)
    if not left:
        return
    pivot = min(left)
    if left[pivot] != 1:
        inverse = pow(left[pivot], -1, PRIME)
        left = {atom: value * inverse % PRIME for atom, value in left.items()}
    for held in basis.values():
        if pivot in held:
            _take(held, left, held[pivot])
    basis[pivot] = left


def _reduced(row: Mapping[Atom, int], basis: Mapping[Atom, Vector]) -> Vector:
    left = dict(row)
    for atom in row:
        if atom in left and atom in basis:
            _take(left, basis[atom], left[atom])
    return left


def _take(row: Vector, other: Mapping[Atom, int], times: int) -> None:
    for atom, value in other.items():
        rest = (row.get(atom, 0) - times * value) % PRIME
        if rest:
            row[atom] = rest
        else:
            row.pop(atom, None)


def within(state: State) -> dict[UUID, set[int]]:
    """The schools of each place, by number."""
    found: dict[UUID, set[int]] = {place: set() for place in state.places}
    for number, school in enumerate(state.schools):
        for place in up(state, school):
            found[place].add(number)
    return found


def visible(state: State) -> tuple[int, int, int, int]:
    """How many views and answers are shown in the end, and how many a plain threshold would show."""
    views = people = views_plain = people_plain = 0
    schools_in = within(state)
    for (audience, item), sizes in state.sizes.items():
        if item != "everybody":
            continue
        shown = state.views.get((audience, item), {})
        for place in state.places:
            inside = schools_in[place]
            there = sum(count for atom, count in sizes.items() if atom[0] in inside)
            views += (place, state.rounds) in shown
            people += sum(shown.get((place, state.rounds), {}).values())
            views_plain += there >= least(audience, None)
            people_plain += there if there >= least(audience, None) else 0
    return views, people, views_plain, people_plain
