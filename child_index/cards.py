"""Pure: from the children found to what a practitioner is shown of them (SCH-05 to SCH-10)."""

from dataclasses import dataclass

from child_index.answers import Card, SearchAnswer
from child_index.records import ChildId, StatedName
from child_index.survivorship import ChildFacts
from matching import normalise
from matching.model import LinkageModel
from matching.person import Person
from matching.score import MatchScore

VERY_LIKELY, LIKELY, POSSIBLE = "very-likely", "likely", "possible"
_MANY = "Too many children match. Add a date of birth or a postcode."
_FOUND = "Check that this is the child before you open a record."


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One child found: the score of the record that fits best, and what to show of the child."""

    child_id: ChildId
    index_number: str
    score: MatchScore
    facts: ChildFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What an answer says besides its cards: the one empty text, and the search's own id."""

    none: str
    search_id: str


def answer(words: Words, shown: tuple[Card, ...], *, is_many: bool) -> SearchAnswer:
    """Answer a person. Too many answer nothing: no card and no count (SCH-05)."""
    if is_many:
        return SearchAnswer(search_id=words.search_id, outcome="many", message=_MANY)
    if not shown:
        return SearchAnswer(search_id=words.search_id, outcome="none", message=words.none)
    certain = [each for each in shown if each.confidence == VERY_LIKELY]
    outcome = "match" if len(certain) == 1 else "possible"
    return SearchAnswer(search_id=words.search_id, outcome=outcome, message=_FOUND, results=shown)


def answer_for_application(words: Words, shown: tuple[Card, ...], *, is_many: bool) -> SearchAnswer:
    """Answer a machine: the one child there can be no doubt about, or no detail (SCH-10)."""
    likely = [each for each in shown if each.confidence in {VERY_LIKELY, LIKELY}]
    if len(likely) == 1 and likely[0].confidence == VERY_LIKELY:
        return answer(words, (likely[0],), is_many=False)
    return answer(words, (), is_many=is_many or bool(likely))


def card(token: str, found: Found, wanted: Person, model: LinkageModel) -> Card:
    """Show one child found under an opaque handle: what fits and what does not, in words."""
    reasons = found.score.reasons
    return Card(
        handle=token,
        names=_names_on_card(found.facts.names, wanted),
        birth_date=found.facts.birth_date,
        sex=found.facts.sex,
        confidence=_confidence(found.score, model),
        because=tuple(r.label for r in reasons if r.match_weight > 0),
        against=tuple(r.label for r in reasons if r.match_weight < 0),
        has_died=found.facts.death_notified_on is not None,
    )


def _confidence(scored: MatchScore, model: LinkageModel) -> str:
    """A first name that is only nearly the one asked for is never very likely: twins are."""
    is_called_so = scored.levels.get("given_name", "exact") == "exact"
    if is_called_so and scored.match_weight >= model.thresholds.very_likely:
        return VERY_LIKELY
    return LIKELY if scored.match_weight >= model.thresholds.likely else POSSIBLE


def _names_on_card(names: tuple[StatedName, ...], wanted: Person) -> tuple[StatedName, ...]:
    """The usual name, and another name only if that is the one that was looked for (SCH-06)."""
    usual, others = names[:1], names[1:]
    if any(_is_called(name, wanted) for name in usual):
        return usual
    return usual + tuple(name for name in others if _is_called(name, wanted))


def _is_called(name: StatedName, wanted: Person) -> bool:
    given = {normalise.name(word) for word in name.given}
    is_given = wanted.given is None or wanted.given in given
    family = (normalise.name(name.family) or "").replace(" ", "")
    return is_given and (wanted.family is None or wanted.family == family)
