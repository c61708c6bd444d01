"""Thresholds and vetoes: is an arriving record one of these children? LINK, REVIEW or NEW."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jellyfish import damerau_levenshtein_distance

from matching.comparisons import ALL, HOUSEHOLD
from matching.model import LinkageModel, Thresholds
from matching.person import Person
from matching.score import MatchScore, Scorer, scorer

_TWO_YEARS = 731
"""Days: no two dates of birth further apart than 24 months link (MAT-02)."""

_ONE_GIVEN = frozenset({"exact", "transliteration", "nickname", "called", "swapped", "reordered"})
"""Given names that are one child's beyond doubt about her brother, sister or twin."""

_SAME_GIVEN = _ONE_GIVEN | {"spelling", "nickname-alike"}
"""The same, if there is no twin: Grace and Gracie, Aaron and Arron have been twins."""

_COMPATIBLE_GIVEN = _SAME_GIVEN | {"among", "related", "initial"}
_SAME_HOME = frozenset({"home", "address", "postcode", "postcode-near", "phone", "carer"})
_CONFIRMING_HOME = (_SAME_HOME | {"address-similar"}) - {"postcode-near"}
_FAR_AWAY = frozenset({"area", "differs"})
_ELSEWHERE = frozenset({"postcode-near", "neighbours", "sector", "outward", "area", "differs"})
_IDENTIFIERS = frozenset({"nhs_number", "upn"})
_PERSONAL = frozenset(comparison.field for comparison in ALL if comparison.personal)
_WEAK_BIRTH = frozenset({"weak-exact", "partial-month", "partial-year", "estimated"})
_COMPATIBLE_BIRTH = frozenset({"exact", "weak-exact", "swapped", "one-digit"})


POSSIBLE_DUPLICATE = "possible-duplicate"


class Outcome(StrEnum):
    """What becomes of an arriving record (decisions.md 5)."""

    LINK = "LINK"
    REVIEW = "REVIEW"
    NEW = "NEW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A child of the index with every record linked to her; ``cannot_link`` is a steward's no."""

    child: int
    members: tuple[Person, ...]
    cannot_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchDecision:
    """What was decided and why; ``child`` is the one linked, or the best one to review.

    ``because`` is one of: link-threshold, hard-evidence, margin-too-small, near-threshold,
    personal-evidence-too-weak, birth-date-too-weak, coincidence-guard, identifier-conflict,
    veto:… (MAT-02), below-review, possible-duplicate, no-candidate. ``margin`` is by how many bits
    the best child leads the second (None: no second). ``possible`` are further children worth
    telling a steward, best first; after possible-duplicate, the first of them is to be asked about.
    """

    outcome: Outcome
    child: int | None
    score: MatchScore | None
    margin: float | None
    because: str
    possible: tuple[tuple[int, float], ...]
    model_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    candidate: Candidate
    member: Person
    match_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """The best child, what speaks for her, and the others who came near."""

    arriving: Person
    first: _Ranked
    others: tuple[_Ranked, ...]
    score: MatchScore
    margin: float | None
    limits: Thresholds
    using: Scorer


def decide(arriving: Person, candidates: Sequence[Candidate], model: LinkageModel) -> MatchDecision:
    """Decide whether ``arriving`` is one of the candidates (MAT-01 to MAT-04).

    A child's score is the best over her records; a veto by any of them forbids a link. The same
    input always gives the same decision: equal scores rank by child number.
    """
    using = scorer(model)
    ranked = sorted(
        (_best(arriving, each, using) for each in candidates if not each.cannot_link),
        key=lambda each: (-each.match_weight, each.candidate.child),
    )
    if not ranked:
        return MatchDecision(
            outcome=Outcome.NEW,
            child=None,
            score=None,
            margin=None,
            because="no-candidate",
            possible=(),
            model_version=model.version,
        )
    case = _case(arriving, ranked, ranked[0], using, model.thresholds)
    outcome, because = _judge(case)
    if because == "margin-too-small":
        nearest = _nearest_home(arriving, ranked, using, model.thresholds.margin)
        case = _case(arriving, ranked, nearest, using, model.thresholds)
    return MatchDecision(
        outcome=outcome,
        child=None if outcome is Outcome.NEW else case.first.candidate.child,
        score=case.score,
        margin=case.margin,
        because=because,
        possible=_possible(case, outcome),
        model_version=model.version,
    )


def _case(
    arriving: Person,
    ranked: Sequence[_Ranked],
    first: _Ranked,
    using: Scorer,
    limits: Thresholds,
) -> _Case:
    margin = ranked[0].match_weight - ranked[1].match_weight if len(ranked) > 1 else None
    return _Case(
        arriving=arriving,
        first=first,
        others=tuple(each for each in ranked if each is not first),
        score=using.score(arriving, first.member),
        margin=margin,
        limits=limits,
        using=using,
    )


def _nearest_home(
    arriving: Person, ranked: Sequence[_Ranked], using: Scorer, margin: float
) -> _Ranked:
    """Of the children too close to call, the one whose home agrees best: a steward sees her first.

    Namesakes differ by home; so that is what decides between them, once names and date of birth
    have said as much for either (decisions.md 1).
    """
    close = [each for each in ranked if ranked[0].match_weight - each.match_weight < margin]
    return max(
        close,
        key=lambda each: (
            sum(
                reason.match_weight
                for reason in using.score(arriving, each.member).reasons
                if reason.field == HOUSEHOLD.field
            ),
            each.match_weight,
            -each.candidate.child,
        ),
    )


def _best(arriving: Person, candidate: Candidate, using: Scorer) -> _Ranked:
    weight, at = max(
        (using.weigh(arriving, member), -i) for i, member in enumerate(candidate.members)
    )
    return _Ranked(candidate=candidate, member=candidate.members[-at], match_weight=weight)


def _possible(case: _Case, outcome: Outcome) -> tuple[tuple[int, float], ...]:
    """The children worth telling besides the one decided on, best first."""
    others = (case.first, *case.others) if outcome is Outcome.NEW else case.others
    return tuple(
        (each.candidate.child, each.match_weight)
        for each in others
        if each.match_weight >= case.limits.possible
    )


def _judge(case: _Case) -> tuple[Outcome, str]:
    """The rules in their order: what forbids a link, then what makes one."""
    vetoed, conflict = _veto_of(case), _identifier_conflict(case)
    needed = case.limits.vetoed_review if vetoed else case.limits.review
    if conflict is None and not _is_worth_a_review(case.score, needed, case.limits):
        return Outcome.NEW, "below-review"
    if conflict is None and _is_namesake_elsewhere(case):
        return Outcome.NEW, POSSIBLE_DUPLICATE
    forbidden = vetoed or conflict
    if forbidden is not None:
        return Outcome.REVIEW, forbidden
    if case.margin is not None and case.margin < case.limits.margin:
        return Outcome.REVIEW, "margin-too-small"
    if has_hard_evidence(case.arriving, case.first.member, case.score):
        return Outcome.LINK, "hard-evidence"
    return _weigh_up(case)


def _is_namesake_elsewhere(case: _Case) -> bool:
    """Say whether all who come near live far away and differ in name or date of birth.

    Such a child gets a record of her own, seen at once, and a steward is asked (MAT-01): to wait
    unseen is worse for her than to stand beside a record that may be hers.
    """
    near = [each for each in (case.first, *case.others) if each.match_weight >= case.limits.review]
    return all(
        _differs_and_lives_far_away(case.using.score(case.arriving, each.member).levels)
        for each in near
    )


def _differs_and_lives_far_away(levels: Mapping[str, str]) -> bool:
    if levels.get("household") not in _FAR_AWAY:
        return False
    if "exact" in (levels.get("nhs_number"), levels.get("upn")):
        return False
    named_and_born = ("given_name", "family_name", "birth_date")
    return any(levels.get(field) != "exact" for field in named_and_born)


def _is_worth_a_review(score: MatchScore, needed: float, limits: Thresholds) -> bool:
    """Enough evidence in all, and enough of it personal: twins of two names are two children."""
    return score.match_weight >= needed and (personal_weight(score) >= limits.personal_review)


def _veto_of(case: _Case) -> str | None:
    """The first veto by any record of the best child."""
    vetoes = (veto(case.arriving, each) for each in case.first.candidate.members)
    twins = may_be_twins(case.score) and not (
        _is_misspelt(case) or has_hard_evidence(case.arriving, case.first.member, case.score)
    )
    why = next(filter(None, vetoes), "possible-twins" if twins else None)
    return why and f"veto:{why}"


def _weigh_up(case: _Case) -> tuple[Outcome, str]:
    """No verified identifier: names, date of birth and the rest must say it together."""
    score, limits = case.score, case.limits
    levels = score.levels
    if "given_name" not in levels and _IDENTIFIERS.isdisjoint(levels):
        return Outcome.REVIEW, "coincidence-guard"
    if score.match_weight < _needed_to_link(levels.get("household"), limits):
        return Outcome.REVIEW, "near-threshold"
    if not _given_names_carry(case) or personal_weight(score) < limits.personal:
        return Outcome.REVIEW, "personal-evidence-too-weak"
    if not _birth_date_carries(levels):
        return Outcome.REVIEW, "birth-date-too-weak"
    return Outcome.LINK, "link-threshold"


def _needed_to_link(household: str | None, limits: Thresholds) -> float:
    """Namesakes share names and day of birth: the less the homes say, the more the rest must."""
    if household in _ELSEWHERE:
        return limits.link_elsewhere
    return limits.link if household in _CONFIRMING_HOME else limits.link_without_home


def _given_names_carry(case: _Case) -> bool:
    """The given names are the same, or one is plainly a misspelling of the other."""
    levels = case.score.levels
    is_same = levels.get("given_name") in _SAME_GIVEN or _is_misspelt(case)
    return is_same and levels.get("second_name") != "differs"


def _is_misspelt(case: _Case) -> bool:
    """One slip parts the given names, only one of them is a name that children have, and family
    name, whole date of birth and home are the same: no parents name twins Chloe and Cgloe.
    """
    levels = case.score.levels
    left, right = case.arriving.given, case.first.member.given
    if left is None or right is None or min(len(left), len(right)) < 4:
        return False
    return (
        levels.get("birth_date") == "exact"
        and levels.get("family_name") == "exact"
        and levels.get("household") in _SAME_HOME
        and levels.get("sex") != "differs"
        and damerau_levenshtein_distance(left, right) == 1
        and case.using.is_known_given_name(left) != case.using.is_known_given_name(right)
    )


def _birth_date_carries(levels: Mapping[str, str]) -> bool:
    """Not held, a date of birth carries no link; partial or default, none by itself (A.3)."""
    birth, home = levels.get("birth_date"), levels.get("household")
    return birth is not None and (birth not in _WEAK_BIRTH or home in _SAME_HOME)


def personal_weight(score: MatchScore) -> float:
    """The part of the evidence that a brother, sister or twin could not give (decisions.md 1)."""
    return sum(reason.match_weight for reason in score.reasons if reason.field in _PERSONAL)


def veto(left: Person, right: Person) -> str | None:
    """What forbids linking two records whatever their score (MAT-02); None when nothing does.

    Two different valid NHS numbers or permanent UPNs, whatever their status; dates of birth more
    than 24 months apart (with only years held: more than two years).
    """
    if left.nhs is not None and right.nhs is not None and left.nhs != right.nhs:
        return "different-nhs-numbers"
    if left.upn is not None and right.upn is not None and left.upn != right.upn:
        return "different-upns"
    if left.birth_ordinal is not None and right.birth_ordinal is not None:
        apart = abs(left.birth_ordinal - right.birth_ordinal) > _TWO_YEARS
    else:
        apart = (
            left.birth_year is not None
            and right.birth_year is not None
            and abs(left.birth_year - right.birth_year) > 2
        )
    return "births-too-far-apart" if apart else None


def may_be_twins(score: MatchScore) -> bool:
    """Say whether a pair looks like children of one birth: date of birth, family name and home
    agree, given names do not (MAT-02).
    """
    levels = score.levels
    at_one_home = (
        levels.get("birth_date") in _COMPATIBLE_BIRTH
        and levels.get("family_name") not in (None, "differs")
        and levels.get("household") in _SAME_HOME
    )
    return at_one_home and (
        levels.get("given_name", "exact") not in _given_names_of_one_child(levels)
        or levels.get("second_name") == "differs"
    )


def _given_names_of_one_child(levels: Mapping[str, str]) -> frozenset[str]:
    """The levels of given name that no twin reaches; more when the second name is the same too."""
    hers = levels.get("second_name") in ("exact", "initial")
    return _COMPATIBLE_GIVEN if hers else _ONE_GIVEN | {"among", "initial"}


def shares_identifier(left: Person, right: Person) -> bool:
    """Say whether two records carry the same NHS number or UPN, verified or not."""
    return (left.nhs is not None and left.nhs == right.nhs) or not left.upns.isdisjoint(right.upns)


def has_hard_evidence(left: Person, right: Person, score: MatchScore) -> bool:
    """Say whether a verified identifier, date of birth and given name agree (MAT-03).

    An identifier counts as verified when either feed is its authority.
    """
    by_nhs = left.nhs is not None and left.nhs == right.nhs
    by_upn = not left.upns.isdisjoint(right.upns)
    is_verified = (by_nhs and (left.nhs_verified or right.nhs_verified)) or (
        by_upn and (left.upn_verified or right.upn_verified)
    )
    return is_verified and _is_compatible(score)


def _is_compatible(score: MatchScore) -> bool:
    """Given name and date of birth agree well enough for a shared identifier to be believed."""
    levels = score.levels
    is_another_initial = levels.get("given_name") == "initial" and levels.get("sex") == "differs"
    return (
        levels.get("given_name") in _COMPATIBLE_GIVEN
        and levels.get("birth_date", "exact") in _COMPATIBLE_BIRTH
        and levels.get("second_name") != "differs"
        and not is_another_initial
    )


def _identifier_conflict(case: _Case) -> str | None:
    """A shared identifier that name or date of birth contradict, or that another child has."""
    mine = any(shares_identifier(case.arriving, each) for each in case.first.candidate.members)
    if mine and not _is_compatible(case.score):
        return "identifier-conflict"
    elsewhere = any(
        shares_identifier(case.arriving, member)
        for other in case.others
        for member in other.candidate.members
    )
    return "identifier-conflict" if elsewhere else None
