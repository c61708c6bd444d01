"""Pure: a review task's evidence in words a steward reads, each beside what both sides say."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from child_index.answers import RecordView
from child_index.records import ChildStatement, ReviewTask, SourceRecord


def _given(said: ChildStatement) -> Iterable[str]:
    return (" ".join(name.given) for name in said.names if name.given)


def _family(said: ChildStatement) -> Iterable[str]:
    return (name.family for name in said.names if name.family)


def _identifier(*schemes: str) -> Callable[[ChildStatement], Iterable[str]]:
    return lambda said: (i.value for i in said.identifiers if i.scheme in schemes)


def _household(said: ChildStatement) -> Iterable[str]:
    if said.address is not None:
        parts = (*said.address.lines, said.address.town, said.address.postcode)
        yield ", ".join(part for part in parts if part)
    for carer in said.carers:
        yield " ".join((*carer.given, carer.family or "")).strip()


SAID: Mapping[str, Callable[[ChildStatement], Iterable[str]]] = {
    "given_name": _given,
    "second_name": _given,
    "family_name": _family,
    "birth_date": lambda said: filter(None, (said.birth_date,)),
    "sex": lambda said: filter(None, (said.sex,)),
    "nhs_number": _identifier("nhs"),
    "upn": _identifier("upn", "former-upn"),
    "household": _household,
}
"""What a statement says of each comparison of the matcher; a test holds the two lists equal."""


def record_view(record: SourceRecord, side: str) -> RecordView:
    """Show one source record as a steward sees it, on the side it stands."""
    said = record.statement
    return RecordView(
        side=side,
        feed=record.feed.name,
        organisation=record.feed.organisation,
        source_record_id=record.source_record_id,
        last_confirmed_on=record.last_confirmed_on,
        names=said.names,
        birth_date=said.birth_date,
        sex=said.sex,
        identifiers=said.identifiers,
        address=said.address,
        carers=said.carers,
        education=said.education,
    )


def rows(
    asked: ReviewTask, arrived: Sequence[SourceRecord], held: Sequence[SourceRecord]
) -> tuple[Mapping[str, str | float | None], ...]:
    """The reasons as they were weighed, each beside what the two sides say."""
    return tuple(
        {
            "field": str(reason["field"]),
            "label": str(reason["label"]),
            "left": _said(str(reason["field"]), arrived),
            "right": _said(str(reason["field"]), held),
            "matchWeight": float(reason["match_weight"]),
        }
        for reason in asked.evidence
    )


def _said(field: str, records: Sequence[SourceRecord]) -> str | None:
    """What the records say of one comparison's field, each wording once."""
    wordings = dict.fromkeys(text for record in records for text in SAID[field](record.statement))
    return " / ".join(wordings) or None
