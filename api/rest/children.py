"""Endpoints for practitioners: find a child, open it, and say what came of it."""

from dataclasses import replace
from datetime import date
from typing import Any

from api.rest.answered import etag, quantised
from api.rest.asked import caller, index, seen_etag, seen_version
from api.rest.operations import Operation, Routes
from api.schemas.children import ChildOut, OpenIn, SearchAsked, SearchIn, SearchOut
from api.schemas.own_part import EndIn, FamilyInformedIn, InvolvementIn, LeadIn, OutcomeIn
from api.schemas.people import ListedRow
from child_index import involvement, search
from child_index.access import Permission
from child_index.answers import MyInvolvement

routes = Routes("children", "Who is working with this child?")

_CHILD = "/children/<string:child_ref>"
_INVOLVEMENT = f"{_CHILD}/involvements/<string:involvement_id>"


@routes.route(
    "POST",
    "/searches",
    Operation(
        needs=Permission.CHILD_SEARCH, asks=SearchIn(), answers=SearchOut(), refuses=(409, 422)
    ),
)
@quantised
def find(asked: SearchAsked) -> Any:  # noqa: ANN401 - dumped as declared
    """Find the children who may be the one looked for; at most ten, best first."""
    who = replace(caller(), purpose=asked.reason, purpose_text=asked.reason_text)
    return search.find_children(index(), who, asked.criteria)


@routes.route(
    "POST",
    "/children/open",
    Operation(
        needs=Permission.CHILD_READ,
        asks=OpenIn(),
        answers=ChildOut(),
        gives_etag=True,
        refuses=(404, 422),
    ),
)
@quantised
def open_child(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - dumped as declared
    """Open one child just found: who they are, and who is working with them."""
    who = replace(caller(), purpose=asked.get("reason"), purpose_text=asked.get("reason_text"))
    view = search.who_is_working_with(
        index(), who, asked["handle"], identity_confirmed=asked["identity_confirmed"]
    )
    return view, etag(view.version)


@routes.route(
    "POST",
    f"{_CHILD}/involvements",
    Operation(
        needs=Permission.INVOLVEMENT_WRITE,
        asks=InvolvementIn(),
        status=201,
        answers=ListedRow(),
        gives_etag=True,
        refuses=(404, 409),
    ),
)
def start_involvement(mine: MyInvolvement, child_ref: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Enter my own involvement with a child I have open, where no feed does it for me."""
    row = involvement.start(index(), caller(), child_ref, mine)
    return row, etag(row.involvement.version)


@routes.route(
    "PUT",
    f"{_INVOLVEMENT}/end",
    Operation(
        needs=Permission.INVOLVEMENT_WRITE,
        asks=EndIn(),
        answers=ListedRow(),
        gives_etag=True,
        takes_if_match=True,
        refuses=(404, 409, 412, 428),
    ),
)
def end_involvement(asked: dict[str, date], child_ref: str, involvement_id: str) -> Any:  # noqa: ANN401 - dumped as declared
    """End an involvement of my own organisation that was entered by hand."""
    row = involvement.end(
        index(),
        caller(),
        child_ref,
        involvement_id,
        asked["ended_on"],
        seen_version=seen_version(),
    )
    return row, etag(row.involvement.version)


@routes.route(
    "PUT",
    f"{_INVOLVEMENT}/family-informed",
    Operation(
        needs=Permission.INVOLVEMENT_WRITE,
        asks=FamilyInformedIn(),
        answers=ListedRow(),
        gives_etag=True,
        takes_if_match=True,
        refuses=(404, 409, 412, 428),
    ),
)
def inform_family(asked: dict[str, str], child_ref: str, involvement_id: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Record whether the family has been told of my involvement."""
    row = involvement.inform_family(
        index(),
        caller(),
        child_ref,
        involvement_id,
        asked["family_informed"],
        seen_version=seen_version(),
    )
    return row, etag(row.involvement.version)


@routes.route(
    "PUT",
    f"{_CHILD}/lead-professional",
    Operation(
        needs=Permission.INVOLVEMENT_WRITE,
        asks=LeadIn(),
        answers=ListedRow(),
        takes_if_match=True,
        refuses=(404, 409, 412, 428),
    ),
)
def name_lead(asked: dict[str, Any], child_ref: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Name the lead professional; If-Match carries the ETag of opening the child."""
    return involvement.name_lead(
        index(),
        caller(),
        child_ref,
        asked["involvement_id"],
        agreed_change=asked.get("agreed_change", False),
        seen_version=seen_etag(),
    )


@routes.route(
    "POST",
    f"{_CHILD}/outcomes",
    Operation(
        needs=Permission.OUTCOME_WRITE,
        asks=OutcomeIn(),
        status=204,
        refuses=(404,),
    ),
)
def note_outcome(asked: dict[str, str], child_ref: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Say in one word what came of a look-up."""
    search.note_outcome(index(), caller(), child_ref, asked["outcome"])
