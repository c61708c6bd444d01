"""Every comparison as data: one ladder, read by Python (here) and by Splink (bulk/levels.py).

Adding a field is one entry in ``ALL``, one trained weight, and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any as AnyValue

from jellyfish import jaro_winkler_similarity, levenshtein_distance

from matching.conditions import (
    Across,
    All,
    Among,
    Any,
    Condition,
    CrossOverlap,
    DayMonthSwapped,
    Either,
    Exchanged,
    InitialOf,
    JaroWinkler,
    Levenshtein,
    Missing,
    Overlap,
    Same,
    Within,
)
from matching.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One rung of a ladder; the first whose condition holds is reached.

    ``condition`` is None on the last rung. A silent level is no evidence either way: 0 bits and
    no reason. ``term_frequency`` names the column whose rarity adjusts the weight. A
    ``pinned`` level's u is not sampled but set in training (too rare to be met by chance).
    """

    name: str
    label: str = ""
    condition: Condition | None = None
    silent: bool = False
    term_frequency: str | None = None
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A field's ladder. A ``personal`` one tells a child from her brother, sister or twin;
    the others tell one household from another and never stand in for it (decisions.md 1).
    """

    field: str
    levels: tuple[Level, ...]
    personal: bool


_SWAPPED = Exchanged("given", "families")
_REORDERED = Same("all_names")
_SHORT_FORM = CrossOverlap("given_spellings", "given_formals")

GIVEN_NAME = Comparison(
    field="given_name",
    personal=True,
    levels=(
        Level(name="missing", condition=Missing("given"), silent=True),
        Level(
            name="exact",
            label="first name exactly the same",
            condition=Same("given"),
            term_frequency="given",
        ),
        Level(
            name="swapped",
            label="first name and family name swapped",
            condition=_SWAPPED,
            pinned=True,
        ),
        Level(
            name="reordered",
            label="the same names in another order",
            condition=_REORDERED,
            pinned=True,
        ),
        Level(
            name="transliteration",
            label="another transliteration of the same first name",
            condition=Overlap("given_transliterations"),
        ),
        Level(
            name="spelling",
            label="another spelling of the same first name",
            condition=Overlap("given_spellings"),
        ),
        Level(
            name="nickname-alike",
            label="a short form of the first name, written much like it",
            condition=All((_SHORT_FORM, JaroWinkler("given", 0.85))),
        ),
        Level(name="nickname", label="a short form of the first name", condition=_SHORT_FORM),
        Level(
            name="called",
            label="first name is the second name the child is called by",
            condition=Across("given", "called"),
        ),
        Level(
            name="among",
            label="first name is another of the names held",
            condition=Among("given", "givens"),
        ),
        Level(
            name="related",
            label="related forms of a first name",
            condition=Overlap("given_related"),
        ),
        Level(name="initial", label="first name begins alike", condition=InitialOf("given")),
        Level(
            name="similar",
            label="first name very similar",
            condition=JaroWinkler("given", 0.88),
        ),
        Level(name="alike", label="first name somewhat alike", condition=JaroWinkler("given", 0.7)),
        Level(name="differs", label="first name different"),
    ),
)

SECOND_NAME = Comparison(
    field="second_name",
    personal=True,
    levels=(
        Level(name="missing", condition=Any((Missing("second_given"), _REORDERED)), silent=True),
        Level(
            name="exact",
            label="second first name the same",
            condition=Any((Same("second_given"), Among("second_given", "givens"))),
        ),
        Level(
            name="initial",
            label="second first name begins alike",
            condition=InitialOf("second_given"),
        ),
        Level(
            name="similar",
            label="second first name very similar",
            condition=JaroWinkler("second_given", 0.88),
        ),
        Level(name="differs", label="second first name different"),
    ),
)

FAMILY_NAME = Comparison(
    field="family_name",
    personal=False,
    levels=(
        Level(
            name="exact",
            label="family name exactly the same",
            condition=Same("family"),
            term_frequency="family",
        ),
        Level(
            name="missing", condition=Any((Missing("family"), _SWAPPED, _REORDERED)), silent=True
        ),
        Level(
            name="part",
            label="part of the family name, or a former one, the same",
            condition=Overlap("families"),
        ),
        Level(
            name="variant",
            label="another spelling of the same family name",
            condition=Overlap("family_spellings"),
        ),
        Level(
            name="among-given",
            label="family name is among the first names",
            condition=Among("family", "givens"),
        ),
        Level(
            name="similar",
            label="family name very similar",
            condition=JaroWinkler("family", 0.88),
        ),
        Level(name="differs", label="family name different"),
    ),
)

_SAME_YEAR_AND_MONTH = All((Same("birth_year"), Same("birth_month")))
_TWO_PARTS = Any(
    (
        _SAME_YEAR_AND_MONTH,
        All((Same("birth_month"), Same("birth_day"))),
        All((Same("birth_year"), Same("birth_day"))),
    )
)

BIRTH_DATE = Comparison(
    field="birth_date",
    personal=True,
    levels=(
        Level(name="missing", condition=Missing("birth_year"), silent=True),
        Level(name="exact", label="date of birth exactly the same", condition=Same("birth_exact")),
        Level(
            name="weak-exact",
            label="date of birth the same, but a default date",
            condition=Same("birth_date"),
        ),
        Level(
            name="swapped",
            label="day and month of birth swapped",
            condition=DayMonthSwapped(),
        ),
        Level(
            name="one-digit",
            label="one digit of the date of birth different",
            # Two of three parts are the same then; to ask that first is cheaper.
            condition=All((_TWO_PARTS, Levenshtein("birth_date", 1))),
        ),
        Level(
            name="partial-month",
            label="year and month of birth the same, the day not held",
            condition=All((_SAME_YEAR_AND_MONTH, Missing("birth_day"))),
        ),
        Level(
            name="partial-year",
            label="year of birth the same, the rest not held or a default",
            condition=All(
                (Same("birth_year"), Any((Missing("birth_month"), Either("birth_weak"))))
            ),
        ),
        Level(
            name="two-parts",
            label="two of day, month and year of birth the same",
            condition=All((_TWO_PARTS, Within("birth_year", 2))),
        ),
        Level(
            name="month-apart",
            label="dates of birth at most a month apart",
            condition=Within("birth_ordinal", 31),
        ),
        Level(
            name="half-year-apart",
            label="dates of birth at most six months apart",
            condition=Within("birth_ordinal", 183),
        ),
        Level(
            name="estimated",
            label="years of birth at most four apart, one an estimate",
            condition=All((Either("birth_weak"), Within("birth_year", 4))),
        ),
        Level(name="differs", label="date of birth different"),
    ),
)

SEX = Comparison(
    field="sex",
    personal=True,
    levels=(
        Level(name="missing", condition=Missing("sex"), silent=True),
        Level(name="exact", label="sex the same", condition=Same("sex")),
        Level(name="differs", label="sex different"),
    ),
)

NHS_NUMBER = Comparison(
    field="nhs_number",
    personal=True,
    levels=(
        Level(name="missing", condition=Missing("nhs"), silent=True),
        Level(name="exact", label="NHS number the same", condition=Same("nhs"), pinned=True),
        Level(name="differs", label="NHS number different"),
    ),
)

UPN = Comparison(
    field="upn",
    personal=True,
    levels=(
        Level(name="missing", condition=Missing("upns"), silent=True),
        Level(
            name="exact",
            label="unique pupil number the same",
            condition=Overlap("upns"),
            pinned=True,
        ),
        Level(name="differs", label="unique pupil number different"),
    ),
)

_NO_HOUSEHOLD = All((Missing("postcode"), Missing("address"), Missing("carers"), Missing("phones")))

HOUSEHOLD = Comparison(
    field="household",
    personal=False,
    levels=(
        Level(
            name="home",
            label="same address and postcode",
            condition=All((Overlap("postcodes"), Any((Same("address"), Same("house"))))),
        ),
        Level(name="address", label="same first line of address", condition=Same("address")),
        Level(name="phone", label="same telephone of a carer", condition=Overlap("phones")),
        Level(name="carer", label="same carer", condition=Overlap("carers")),
        Level(
            name="address-similar",
            label="first line of address very similar",
            condition=All((Same("house"), JaroWinkler("address", 0.92))),
        ),
        Level(
            name="postcode", label="same postcode, now or before", condition=Overlap("postcodes")
        ),
        Level(
            name="postcode-near",
            label="postcodes alike but for one character",
            condition=Levenshtein("postcode", 1),
        ),
        Level(name="sector", label="postcodes of one sector", condition=Same("sector")),
        Level(name="outward", label="postcodes of one district", condition=Same("outward")),
        Level(name="area", label="postcodes of one area", condition=Same("area")),
        Level(name="missing", condition=_NO_HOUSEHOLD, silent=True),
        Level(
            name="carers-differ",
            label="carers different, no address to compare",
            condition=All((Missing("postcode"), Missing("address"))),
        ),
        Level(name="differs", label="addresses far apart"),
    ),
)

ALL: tuple[Comparison, ...] = (
    GIVEN_NAME,
    SECOND_NAME,
    FAMILY_NAME,
    BIRTH_DATE,
    SEX,
    NHS_NUMBER,
    UPN,
    HOUSEHOLD,
)

Levels = tuple[int, ...]
"""Which rung of each ladder of ``ALL``, in order, a pair has reached."""


def compiled(
    template: str,
    rungs: Sequence[Sequence[str]],
    constants: Mapping[str, object],
    *,
    comparisons: Sequence[Comparison] = ALL,
) -> Callable[[Person, Person], AnyValue]:
    """Turn ladders into one Python function of the persons ``l`` and ``r``, as fast as by hand.

    Args:
        template: a Python expression with one ``{}`` for each comparison's ladder.
        rungs: for each comparison, what each of its levels is worth, as Python source.
        constants: what that source refers to.
        comparisons: the ladders.
    """
    names = {
        **constants,
        "jaro_winkler_similarity": jaro_winkler_similarity,
        "levenshtein_distance": levenshtein_distance,
    }
    ladders = (_ladder(each, worth) for each, worth in zip(comparisons, rungs, strict=True))
    source = f"def reached(l, r): return {template.format(*ladders)}"
    # Made of the ladders above and of a model's numbers, and of nothing else: no input gets here.
    exec(source, names)  # noqa: S102 - see above
    function: Callable[[Person, Person], AnyValue] = names["reached"]  # type: ignore[assignment]  # exec put it there
    return function


def _ladder(comparison: Comparison, worth: Sequence[str]) -> str:
    """The ladder as one expression: what the first rung whose condition holds is worth."""
    rungs = (
        f"{value} if {level.condition.python()} else "
        for level, value in zip(comparison.levels, worth, strict=True)
        if level.condition is not None
    )
    return f"({''.join(rungs)}{worth[-1]})"


@cache
def _indices(comparisons: tuple[Comparison, ...]) -> Callable[[Person, Person], Levels]:
    places = [[str(place) for place in range(len(each.levels))] for each in comparisons]
    return compiled(f"({'{}, ' * len(places)})", places, {}, comparisons=comparisons)


levels_reached: Callable[[Person, Person], Levels] = _indices(ALL)
"""Say which rung of each ladder of ``ALL`` a pair reaches: one index per comparison."""


def level_reached(comparison: Comparison, left: Person, right: Person) -> Level:
    """Say which level of one comparison a pair reaches."""
    return comparison.levels[_indices((comparison,))(left, right)[0]]
