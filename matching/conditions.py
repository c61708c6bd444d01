"""What can be true of a pair of persons, said once for each reader: Python and SQL.

Every condition works over the columns of ``Person``, and a value not held makes it false in both
languages. In SQL, ``{overlap}``, ``{contains}``, ``{size}`` and ``{jaro_winkler}`` stand for the
backend's own functions (bulk/backend.py fills them in).
"""

from dataclasses import dataclass
from typing import Protocol

from matching.person import SETS


class Condition(Protocol):
    """Something that is true of a pair; each renders itself for both readers."""

    def python(self) -> str:
        """The condition as a Python expression over the persons ``l`` and ``r``."""

    def sql(self) -> str:
        """The condition as portable SQL over the columns ``x_l`` and ``x_r``."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One of the two sides does not hold the field."""

    field: str

    def python(self) -> str:
        """Python: an empty set or None."""
        if self.field in SETS:
            return f"(not l.{self.field} or not r.{self.field})"
        return f"(l.{self.field} is None or r.{self.field} is None)"

    def sql(self) -> str:
        """SQL: an empty list or NULL."""
        if self.field in SETS:
            return f"({{size}}({self.field}_l) = 0 OR {{size}}({self.field}_r) = 0)"
        return f"({self.field}_l IS NULL OR {self.field}_r IS NULL)"


@dataclass(frozen=True, slots=True)
class Same:
    """Both sides hold the field with one value."""

    field: str

    def python(self) -> str:
        """Python: equal and held."""
        return f"(l.{self.field} is not None and l.{self.field} == r.{self.field})"

    def sql(self) -> str:
        """SQL: plain equality."""
        return f"{self.field}_l = {self.field}_r"


@dataclass(frozen=True, slots=True)
class Across:
    """One side's ``field`` is the other's ``other``, at least one way round."""

    field: str
    other: str

    def python(self) -> str:
        """Python: equal and held, either way."""
        f, o = self.field, self.other
        return f"((l.{f} is not None and l.{f} == r.{o}) or (r.{f} is not None and r.{f} == l.{o}))"

    def sql(self) -> str:
        """SQL: plain equality, either way."""
        return f"({self.field}_l = {self.other}_r OR {self.field}_r = {self.other}_l)"


@dataclass(frozen=True, slots=True)
class Overlap:
    """The two sides share a value of a set."""

    field: str

    def python(self) -> str:
        """Python: the sets are not disjoint."""
        return f"(not l.{self.field}.isdisjoint(r.{self.field}))"

    def sql(self) -> str:
        """SQL: the arrays overlap."""
        return f"{{overlap}}({self.field}_l, {self.field}_r)"


@dataclass(frozen=True, slots=True)
class CrossOverlap:
    """One side's set shares a value with another set of the other side, either way round."""

    field: str
    other: str

    def python(self) -> str:
        """Python: not disjoint, either way."""
        f, o = self.field, self.other
        return f"(not l.{f}.isdisjoint(r.{o}) or not l.{o}.isdisjoint(r.{f}))"

    def sql(self) -> str:
        """SQL: the arrays overlap, either way."""
        f, o = self.field, self.other
        return f"({{overlap}}({f}_l, {o}_r) OR {{overlap}}({o}_l, {f}_r))"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One side's ``field`` is among the other's ``other``, and the other way round too."""

    field: str
    other: str

    def python(self) -> str:
        """Python: membership, both ways."""
        return f"(l.{self.field} in r.{self.other} and r.{self.field} in l.{self.other})"

    def sql(self) -> str:
        """SQL: membership, both ways."""
        return (
            f"({{contains}}({self.other}_r, {self.field}_l)"
            f" AND {{contains}}({self.other}_l, {self.field}_r))"
        )


@dataclass(frozen=True, slots=True)
class Among:
    """One side's ``field`` is among the other's ``other``, at least one way round."""

    field: str
    other: str

    def python(self) -> str:
        """Python: membership, either way (None is in no set)."""
        return f"(l.{self.field} in r.{self.other} or r.{self.field} in l.{self.other})"

    def sql(self) -> str:
        """SQL: membership, either way."""
        return (
            f"({{contains}}({self.other}_r, {self.field}_l)"
            f" OR {{contains}}({self.other}_l, {self.field}_r))"
        )


@dataclass(frozen=True, slots=True)
class JaroWinkler:
    """Jaro-Winkler similarity of the two values is at least ``at_least``."""

    field: str
    at_least: float

    def python(self) -> str:
        """Python: jellyfish."""
        return (
            f"(l.{self.field} is not None and r.{self.field} is not None"
            f" and jaro_winkler_similarity(l.{self.field}, r.{self.field}) >= {self.at_least})"
        )

    def sql(self) -> str:
        """SQL: the backend's own function."""
        return f"{{jaro_winkler}}({self.field}_l, {self.field}_r) >= {self.at_least}"


@dataclass(frozen=True, slots=True)
class Levenshtein:
    """At most ``at_most`` single-character edits (a transposition is two) part the values."""

    field: str
    at_most: int

    def python(self) -> str:
        """Python: jellyfish's plain Levenshtein, not Damerau's."""
        return (
            f"(l.{self.field} is not None and r.{self.field} is not None"
            f" and levenshtein_distance(l.{self.field}, r.{self.field}) <= {self.at_most})"
        )

    def sql(self) -> str:
        """SQL: levenshtein."""
        return f"levenshtein({self.field}_l, {self.field}_r) <= {self.at_most}"


@dataclass(frozen=True, slots=True)
class InitialOf:
    """One side holds only the first letter of the other's value."""

    field: str

    def python(self) -> str:
        """Python: one of them has one letter, and they begin alike."""
        f = self.field
        return (
            f"(l.{f} is not None and r.{f} is not None and l.{f}[0] == r.{f}[0]"
            f" and (len(l.{f}) == 1 or len(r.{f}) == 1))"
        )

    def sql(self) -> str:
        """SQL: the same."""
        f = self.field
        return (
            f"(substr({f}_l, 1, 1) = substr({f}_r, 1, 1)"
            f" AND (length({f}_l) = 1 OR length({f}_r) = 1))"
        )


@dataclass(frozen=True, slots=True)
class Within:
    """Two whole numbers differ by at most ``at_most``."""

    field: str
    at_most: int

    def python(self) -> str:
        """Python: absolute difference."""
        return (
            f"(l.{self.field} is not None and r.{self.field} is not None"
            f" and abs(l.{self.field} - r.{self.field}) <= {self.at_most})"
        )

    def sql(self) -> str:
        """SQL: absolute difference."""
        return f"abs({self.field}_l - {self.field}_r) <= {self.at_most}"


@dataclass(frozen=True, slots=True)
class Either:
    """One side, or both, has the flag set."""

    flag: str

    def python(self) -> str:
        """Python: or."""
        return f"(l.{self.flag} or r.{self.flag})"

    def sql(self) -> str:
        """SQL: or."""
        return f"({self.flag}_l OR {self.flag}_r)"


@dataclass(frozen=True, slots=True)
class DayMonthSwapped:
    """The day of one whole date of birth is the month of the other, in the same year."""

    def python(self) -> str:
        """Python: crosswise equality (a date not whole has no day)."""
        return (
            "(l.birth_day is not None and r.birth_day is not None"
            " and l.birth_day == r.birth_month and l.birth_month == r.birth_day"
            " and l.birth_year == r.birth_year)"
        )

    def sql(self) -> str:
        """SQL: crosswise equality."""
        return (
            "(birth_day_l = birth_month_r AND birth_month_l = birth_day_r"
            " AND birth_year_l = birth_year_r)"
        )


@dataclass(frozen=True, slots=True)
class All:
    """Every one of the conditions."""

    conditions: tuple[Condition, ...]

    def python(self) -> str:
        """Python: and."""
        return "(" + " and ".join(each.python() for each in self.conditions) + ")"

    def sql(self) -> str:
        """SQL: and."""
        return "(" + " AND ".join(each.sql() for each in self.conditions) + ")"


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of the conditions."""

    conditions: tuple[Condition, ...]

    def python(self) -> str:
        """Python: or."""
        return "(" + " or ".join(each.python() for each in self.conditions) + ")"

    def sql(self) -> str:
        """SQL: or."""
        return "(" + " OR ".join(each.sql() for each in self.conditions) + ")"
