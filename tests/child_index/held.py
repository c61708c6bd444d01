"""An index that holds a few children, put there through intake's own verb."""

import json
from dataclasses import replace
from datetime import timedelta

from child_index import accounts, intake, search
from child_index.answers import Criteria
from child_index.records import Role
from tests.factories import AT, caller, system

INVOLVED = {
    "involvementId": "i-1",
    "version": 1,
    "serviceType": "SOCIAL_CARE",
    "organisation": "Northam Children's Social Work",
    "contactKind": "TEAM",
    "contactName": "Duty desk",
    "phone": "+441134960101",
    "startedOn": "2025-09-01",
}


def feed_client(name, at=AT):
    """The client of one feed."""
    return caller(
        f"feed:{name}", Role.FEED, at, feed=name, sector=None, purpose=None, purpose_text=None
    )


def accredit(index, *names, authority=("nhs", "upn")):
    """Register and accredit feeds."""
    for name in names:
        accounts.register_feed(
            index, system(), name, organisation=f"{name} agency", authority_for=authority
        )
        accounts.accredit_feed(index, system(), name)


def put(index, feed, record_id, given="Hannah", family="Marsh", born="2011-05-14", **said):
    """Put one record, as the feed; keywords are the keys of a child line."""
    at = said.pop("at", AT)
    line = {
        "version": said.pop("version", 1),
        "names": [{"use": "usual", "given": given.split(), "family": family}],
        "birthDate": born,
        "sex": "female",
        "involvements": [],
    } | said
    return intake.put_record(
        index, feed_client(feed, at), feed, record_id, json.dumps(line).encode()
    )


def at_home(postcode="XN1 6AE", line="7 Alder Court"):
    """An address, as a child line states it."""
    return {"address": {"lines": [line], "postcode": postcode, "kind": "current"}}


def find(index, who=None, **criteria):
    """Search as Melanie, unless somebody else."""
    return search.find_children(index, who or caller(), Criteria(**criteria))


def open_first(index, who=None, **criteria):
    """Search, and open the first card."""
    who = who or caller()
    handle = find(index, who, **criteria).results[0].handle
    return search.who_is_working_with(index, who, handle, identity_confirmed=True)


def later(who, **by):
    """The same caller, some time after."""
    return replace(who, at=who.at + timedelta(**by))
