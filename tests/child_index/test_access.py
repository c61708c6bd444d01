"""Who may do what, and with which reason (ACC-01, ACC-03)."""

from datetime import UTC, datetime

import pytest

from child_index.access import POLICY_VERSION, ROLES, Permission, require
from child_index.errors import Invalid, NotAllowed
from child_index.records import Caller, Role

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def caller(role=Role.PRACTITIONER, **changes):
    given = {
        "actor": "melanie",
        "roles": frozenset({role}),
        "at": AT,
        "organisation": "Southam School",
        "purpose": "ONGOING_SUPPORT",
        "purpose_text": "falling behind, missing lessons",
        "mfa": True,
    }
    return Caller(**(given | changes))


def test_a_practitioner_with_a_reason_may_search():
    require(caller(), Permission.CHILD_SEARCH)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.USER_ADMINISTRATOR, Role.FEED])
def test_who_has_no_need_sees_no_child(role):
    with pytest.raises(NotAllowed):
        require(caller(role), Permission.CHILD_SEARCH)


def test_a_person_who_signed_in_without_a_second_factor_is_told_so():
    with pytest.raises(NotAllowed) as refused:
        require(caller(mfa=False), Permission.CHILD_SEARCH)
    assert refused.value.code == "mfa_required"


def test_a_feed_needs_no_second_factor():
    require(caller(Role.FEED, mfa=False), Permission.FEED_WRITE)


@pytest.mark.parametrize(
    "text",
    ["test", "Testing test test", "training demo!", "too short", "x" * 201, "         ", None],
)
def test_an_empty_reason_is_no_reason(text):
    with pytest.raises(Invalid) as refused:
        require(caller(purpose_text=text), Permission.CHILD_SEARCH)
    assert refused.value.code == "reason_not_allowed"


def test_a_reason_may_speak_of_a_test():
    require(caller(purpose_text="blood test arranged with the family"), Permission.CHILD_SEARCH)


def test_a_reason_of_others_is_not_for_a_practitioner():
    with pytest.raises(Invalid):
        require(caller(purpose="DATA_QUALITY"), Permission.CHILD_SEARCH)
    require(caller(Role.STEWARD, purpose="DATA_QUALITY"), Permission.CHILD_SEARCH)


def test_every_role_stands_in_the_table_and_the_policy_has_a_version():
    assert set(ROLES) == set(Role)
    assert POLICY_VERSION
