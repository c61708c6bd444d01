"""How long an involvement is listed, and when a child leaves search (RET-01 to RET-06)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from child_index.retention import (
    InvolvementState,
    birthday,
    corresponding_date,
    involvement_state,
    is_archived,
    is_listed,
    last_unlisted_end,
    shown_until,
)

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2080, 12, 31))
START = date(2000, 1, 1)


def listed(ended_on, today):
    return is_listed(started_on=START, ended_on=ended_on, is_void=False, today=today)


@pytest.mark.parametrize(
    ("ended_on", "last_shown", "first_gone"),
    [
        ("2026-03-31", "2027-03-31", "2027-04-01"),
        ("2024-02-29", "2025-02-28", "2025-03-01"),
        ("2023-02-28", "2024-02-28", "2024-02-29"),
        ("2024-02-28", "2025-02-28", "2025-03-01"),
        ("2027-02-28", "2028-02-28", "2028-02-29"),
        ("2028-02-29", "2029-02-28", "2029-03-01"),
        ("2025-12-31", "2026-12-31", "2027-01-01"),
    ],
)
def test_an_ended_involvement_is_listed_through_the_corresponding_date(
    ended_on, last_shown, first_gone
):
    ended = date.fromisoformat(ended_on)
    assert shown_until(ended) == date.fromisoformat(last_shown)
    assert listed(ended, date.fromisoformat(last_shown))
    assert not listed(ended, date.fromisoformat(first_gone))


@given(days)
def test_what_a_purge_may_remove_and_what_is_listed_are_one_rule(today):
    last = last_unlisted_end(today)
    assert not listed(last, today)
    assert listed(last + timedelta(days=1), today)


@given(days, days)
def test_an_end_of_today_or_before_is_an_end_and_a_later_one_is_a_plan(ended_on, today):
    state = involvement_state(started_on=START, ended_on=ended_on, is_void=False, today=today)
    assert (state is InvolvementState.ACTIVE) == (ended_on > today)


@given(days, days)
def test_the_corresponding_date_is_a_year_on_and_never_later_than_a_leap_year(day, other):
    there = corresponding_date(day, 1)
    assert (there.year, there.month) == (day.year + 1, day.month)
    assert timedelta(days=365) <= there - day <= timedelta(days=366)


def test_late_news_of_an_end_over_a_year_ago_is_expired_at_once():
    today = date(2026, 11, 23)
    state = involvement_state(
        started_on=START, ended_on=today - timedelta(days=400), is_void=False, today=today
    )
    assert state is InvolvementState.EXPIRED


def test_what_was_entered_in_error_disappears_at_once():
    assert not is_listed(started_on=START, ended_on=None, is_void=True, today=START)


def test_what_starts_tomorrow_is_not_shown_today():
    today = date(2026, 11, 23)
    assert not is_listed(
        started_on=today + timedelta(days=1), ended_on=None, is_void=False, today=today
    )


@pytest.mark.parametrize(
    ("born_on", "last_found", "archived"),
    [
        ("2011-05-14", "2029-05-13", "2029-05-14"),
        ("2008-02-29", "2026-02-28", "2026-03-01"),
        ("2008-12-31", "2026-12-30", "2026-12-31"),
        ("2009-01-01", "2026-12-31", "2027-01-01"),
    ],
)
def test_a_child_leaves_search_at_the_start_of_the_eighteenth_birthday(
    born_on, last_found, archived
):
    born = date.fromisoformat(born_on)
    assert not is_archived(
        born_on=born, death_notified_on=None, today=date.fromisoformat(last_found)
    )
    assert is_archived(born_on=born, death_notified_on=None, today=date.fromisoformat(archived))


def test_a_leap_birthday_may_be_set_to_the_day_before():
    assert birthday(date(2008, 2, 29), 18, leap_birthday="02-28") == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("notified", "archived"), [("2026-11-23", "2027-11-24"), ("2024-02-29", "2025-03-01")]
)
def test_a_child_who_died_stays_a_year_from_the_notification(notified, archived):
    day = date.fromisoformat(archived)
    facts = {"born_on": date(2000, 1, 1), "death_notified_on": date.fromisoformat(notified)}
    assert not is_archived(**facts, today=day - timedelta(days=1))
    assert is_archived(**facts, today=day)
