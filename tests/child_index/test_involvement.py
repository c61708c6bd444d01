"""A practitioner's own involvement, whether the family knows, and who leads."""

from dataclasses import replace
from datetime import date

import pytest

from child_index import involvement
from child_index.answers import MyInvolvement
from child_index.errors import Conflict, Invalid, NotFound, OutOfDate, VersionRequired
from child_index.retention import InvolvementState
from tests.child_index.held import INVOLVED, accredit, open_first, put
from tests.factories import caller

HANNAH = {"given": "Hannah", "family": "Marsh", "birth_date": date(2011, 5, 14)}
MINE = MyInvolvement(
    service_type="PASTORAL",
    contact_name="Melanie Ortega",
    contact_role="Learning mentor",
    phone="+441134960103",
)


@pytest.fixture
def held(index):
    """Hannah, with whom social care is working."""
    accredit(index, "social-care")
    put(index, "social-care", "1", involvements=[INVOLVED])
    return index


def ref_of(index, who=None):
    return open_first(index, who, **HANNAH).child_ref


def test_my_involvement_is_listed_at_once_and_is_flagged_mine(held):
    involvement.start(held, caller(), ref_of(held), MINE)
    rows = {row.involvement.contact_name: row for row in open_first(held, **HANNAH).involvements}
    assert rows["Melanie Ortega"].is_yours
    assert not rows["Duty desk"].is_yours
    assert rows["Melanie Ortega"].involvement.started_on == date(2026, 11, 23)


def test_ending_it_lists_it_for_a_year_and_needs_the_version_that_was_read(held):
    ref = ref_of(held)
    mine = involvement.start(held, caller(), ref, MINE).involvement
    with pytest.raises(OutOfDate):
        involvement.end(
            held, caller(), ref, mine.involvement_id, date(2026, 11, 23), seen_version=7
        )
    ended = involvement.end(
        held, caller(), ref, mine.involvement_id, date(2026, 11, 23), seen_version=1
    )
    assert (ended.state, ended.shown_until) == (
        InvolvementState.ENDED_VISIBLE,
        date(2027, 11, 23),
    )
    with pytest.raises(OutOfDate):
        involvement.end(
            held, caller(), ref, mine.involvement_id, date(2026, 11, 23), seen_version=1
        )


def test_what_a_feed_sends_is_ended_by_its_feed(held):
    john = caller("john", organisation="Northam Children's Social Work")
    view = open_first(held, john, **HANNAH)
    row = view.involvements[0].involvement
    with pytest.raises(Conflict) as refused:
        involvement.end(
            held, john, view.child_ref, row.involvement_id, date(2026, 11, 23), seen_version=1
        )
    assert refused.value.code == "comes_from_feed"


def test_anothers_row_is_not_there_for_me(held):
    view = open_first(held, **HANNAH)
    row = view.involvements[0].involvement
    for attempt in (
        lambda: involvement.end(
            held, caller(), view.child_ref, row.involvement_id, date(2026, 11, 23), seen_version=1
        ),
        lambda: involvement.inform_family(
            held, caller(), view.child_ref, row.involvement_id, "yes", seen_version=1
        ),
        lambda: involvement.start(held, caller("lee"), view.child_ref, MINE),
    ):
        with pytest.raises(NotFound):
            attempt()


@pytest.mark.parametrize(
    "changes",
    [
        {"service_type": "SENSITIVE"},
        {"phone": None},
        {"started_on": date(2026, 11, 24)},
        {"family_informed": "perhaps"},
    ],
)
def test_a_field_that_breaks_a_rule_is_refused(held, changes):
    with pytest.raises(Invalid):
        involvement.start(held, caller(), ref_of(held), replace(MINE, **changes))


def test_one_lead_at_a_time_replaced_by_agreement_and_only_as_seen(held):
    ref = ref_of(held)
    mine = involvement.start(held, caller(), ref, MINE).involvement.involvement_id
    lee = caller("lee", organisation="Northam Youth Service")
    his = involvement.start(
        held,
        lee,
        ref_of(held, lee),
        MyInvolvement(service_type="YOUTH_SERVICE", contact_name="Lee", phone="1"),
    ).involvement.involvement_id

    def name(who, which, version, agreed=False):
        view = open_first(held, who, **HANNAH)
        seen = view.version if version == "seen" else version
        return involvement.name_lead(
            held, who, view.child_ref, which, agreed_change=agreed, seen_version=seen
        )

    with pytest.raises(VersionRequired):
        name(caller(), mine, None)
    with pytest.raises(OutOfDate):
        name(caller(), mine, "older")
    name(caller(), mine, "seen")
    with pytest.raises(Conflict) as refused:
        name(lee, his, "seen")
    assert refused.value.code == "lead_exists"
    name(lee, his, "seen", agreed=True)
    lead = open_first(held, **HANNAH).lead_professional
    assert lead.involvement.contact_name == "Lee"


def test_an_ended_involvement_cannot_lead(held):
    ref = ref_of(held)
    mine = involvement.start(held, caller(), ref, MINE).involvement.involvement_id
    involvement.end(held, caller(), ref, mine, date(2026, 11, 23), seen_version=1)
    view = open_first(held, **HANNAH)
    with pytest.raises(Conflict) as refused:
        involvement.name_lead(
            held, caller(), view.child_ref, mine, agreed_change=False, seen_version=view.version
        )
    assert refused.value.code == "not_active"
