"""What of a record a caller may see (E.3), and how an involvement is shown (VIS-03, VIS-04)."""

from datetime import date

import pytest

from child_index.records import BY_HAND, Role
from child_index.retention import InvolvementState
from child_index.visibility import Item, as_shown, listed, readable
from tests.factories import caller, involvement

TODAY = date(2026, 11, 23)
MARKER = {Item.SENSITIVE_MARKER}
ALL = set(Item) - MARKER
NUMBERS = {Item.NHS_NUMBER, Item.UPN}
LEADERSHIP = {Item.INVOLVEMENTS, Item.ASSESSMENT, Item.LEAD_PROFESSIONAL}

TABLE = {
    Role.PRACTITIONER: (ALL | MARKER) - NUMBERS,
    Role.PRACTITIONER_OVERRIDE: (ALL | MARKER) - NUMBERS,
    Role.STEWARD: ALL,
    Role.CLEARED_STEWARD: ALL,
    Role.STEWARD_LEAD: ALL,
    Role.BROKER: (ALL | MARKER) - NUMBERS - {Item.ALIASES, Item.ADDRESS, Item.CARERS},
    Role.SHIELD_OFFICER: ALL - LEADERSHIP,
    Role.RECORDS_OFFICER: ALL,
    Role.FEED_OWNER: set(),
    Role.AUDITOR: set(),
    Role.USER_ADMINISTRATOR: set(),
    Role.FEED: set(),
    Role.SYSTEM: set(),
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reads_its_row_of_the_published_table_and_nothing_else(role):
    assert readable(caller(role=role, sector=None)) == TABLE[role]


@pytest.mark.parametrize(
    ("sector", "seen"),
    [("education", {Item.UPN}), ("health", {Item.NHS_NUMBER}), ("police", set()), (None, set())],
)
def test_a_practitioner_sees_an_identifier_only_if_their_sector_holds_it(sector, seen):
    assert readable(caller(sector=sector)) & NUMBERS == seen


def test_education_sees_no_address_and_others_do():
    assert Item.ADDRESS not in readable(caller(sector="education"))
    assert Item.ADDRESS in readable(caller(sector="health"))
    assert Item.ADDRESS not in readable(caller(sector="health"), show_address=False)


def test_an_ended_involvement_says_until_when_it_is_shown():
    shown = listed(involvement(ended_on=date(2026, 3, 31)), caller(), TODAY)
    assert (shown.state, shown.shown_until) == (InvolvementState.ENDED_VISIBLE, date(2027, 3, 31))


def test_an_expired_one_is_not_listed_and_can_still_be_told():
    ended = involvement(ended_on=date(2025, 11, 22))
    assert listed(ended, caller(), TODAY) is None
    assert as_shown(ended, caller(), TODAY).state is InvolvementState.EXPIRED


def test_a_row_its_feed_has_not_confirmed_for_two_intervals_says_since_when():
    last = date(2026, 11, 9)
    assert listed(involvement(last_confirmed_on=last), caller(), TODAY).unconfirmed_since is None
    later = date(2026, 11, 24)
    assert listed(involvement(last_confirmed_on=last), caller(), later).unconfirmed_since == last
    by_hand = involvement(last_confirmed_on=last, feed=BY_HAND)
    assert listed(by_hand, caller(), later).unconfirmed_since is None


def test_the_callers_own_organisations_rows_are_flagged():
    assert listed(involvement(organisation="SOUTHAM SCHOOL"), caller(), TODAY).is_yours
    assert not listed(involvement(), caller(), TODAY).is_yours
