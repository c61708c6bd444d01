"""What practitioners type: children of the invented world, some mistyped, some absent."""

from collections.abc import Iterator
from datetime import date, timedelta

from fixtures.world import BLOCK, Child, World, block_children

_OF_TEN = 10
_MISTYPED = frozenset({3, 6})
_ABSENT = frozenset({9})

Person = dict[str, str]


def people(world: World, count: int) -> tuple[Person, ...]:
    """So many queries by name and date of birth, spread over the world, always the same.

    Of ten, seven as the child is, two with two letters of the family name changed round, one for
    whom there is no child.
    """
    return tuple(_typed(n, child) for n, child in enumerate(_spread(world, count)))


def _spread(world: World, count: int) -> Iterator[Child]:
    """Children from blocks all over the world, one from each; then others of the same blocks."""
    blocks = max(1, world.children // BLOCK)
    step = max(1, blocks // count)
    for n in range(count):
        turn, block = divmod(n * step, blocks)
        children = tuple(block_children(world, block))
        yield children[turn % len(children)]


def _typed(number: int, child: Child) -> Person:
    name, born = child.names[-1], child.born
    family = name.family
    if number % _OF_TEN in _MISTYPED and len(family) > 3:
        family = family[:1] + family[2] + family[1] + family[3:]
    if number % _OF_TEN in _ABSENT:
        family, born = family[::-1], _another_day(born)
    return {"given": name.given[0], "family": family, "birthDate": born.isoformat()}


def _another_day(born: date) -> date:
    return born - timedelta(days=1)
