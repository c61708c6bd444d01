"""Hannah's story (domain.md F), steps 1 to 24, 26, 40 and 41, through HTTP on both stores."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from child_index import index_number, oversight
from child_index.access import POLICY_VERSION, Permission
from child_index.store.tables import audit_event
from fixtures import hannah
from fixtures.agencies import AGENCIES
from tests.doors import REASON, Doors

TODAY = date(2026, 11, 23)
HANNAH = {"given": "Hannah", "family": "Marsh", "birthDate": "2011-05-14"}
DESK = "Northam Children's Social Work"


@pytest.fixture
def doors(index, clock):
    """The doors with the story's feeds accredited, and nothing pushed."""
    made = Doors(index, clock)
    for each in AGENCIES:
        made.accredit(each.name, each.organisation, each.authority)
    return made


def parts(*steps):
    """The pushes and decisions of these steps; without steps, those of the other girls."""
    return [part for part in hannah.story(TODAY) if set(part.steps) & set(steps)] or [
        part for part in hannah.story(TODAY) if not part.steps
    ]


def push(doors, part):
    """Send one part of the story, and hold its receipts to what it expects."""
    headers = {}
    if part.media_type == "text/csv":
        headers = {
            "Index-Sequence": str(part.sequence),
            "Index-Mode": "delta",
            "Index-Count": str(len(part.rows)),
        }
    answer = doors.push(part.feed, part.body(), part.media_type, **headers)
    assert answer.status_code == 202, answer.json
    receipts = doors.receipts(part.feed, answer.headers["Location"])
    assert tuple(receipt["outcome"] for receipt in receipts) == part.expect
    return receipts


def play(doors, *steps):
    for part in parts(*steps):
        if isinstance(part, hannah.Decision):
            decide(doors, part)
        else:
            push(doors, part)


def waiting(doors):
    answer = doors.as_("dana").ask("GET", "/api/v1/reviews")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def decide(doors, part):
    """Steps 5 and 6: Dana opens the queue, reads the question, and links."""
    dana = doors.as_("dana")
    for item in waiting(doors):
        read = dana.ask("GET", f"/api/v1/reviews/{item['id']}")
        held = {(record["feed"], record["sourceRecordId"]) for record in read.json["records"]}
        if {part.left, part.right} <= held:
            weights = [row["matchWeight"] for row in read.json["evidence"]]
            total = read.json["priorWeight"] + sum(weights)
            assert total == pytest.approx(read.json["totalWeight"], abs=1e-9)
            settled = dana.ask(
                "POST",
                f"/api/v1/reviews/{item['id']}/decisions",
                headers={"If-Match": read.headers["ETag"]},
                json={"decision": part.decision, "reason": part.reason},
            )
            assert settled.status_code == 201, settled.json
            return
    pytest.fail("no question about the two records waits for Dana")


def opened(doors, who="melanie"):
    answer = doors.as_(who).find_and_open(**HANNAH)
    assert answer.status_code == 200, answer.json
    return answer


def others(answer):
    return [row for row in answer.json["involvements"] if not row["yours"]]


def child_count(doors):
    """How many cards a search for Hannah shows."""
    return len(doors.as_("melanie").search(**HANNAH).json["results"])


@pytest.mark.parametrize("others_first", [False, True])
def test_hannahs_story(doors, clock, caplog, others_first):
    """The story's other girls may be known before Hannah is, or come after her."""
    agencies_push(doors, caplog, others_first=others_first)
    found = melanie_searches(doors)
    melanie_opens(doors, found)
    winter_comes(doors, clock)
    a_year_passes(doors, clock)
    assert oversight.verify_audit(doors.index, doors.system()).is_sound


def agencies_push(doors, caplog, *, others_first):
    """Steps 1 to 9."""
    if others_first:
        push_the_others(doors)
    # 1, 2: social care pushes Hannah; her brother's row with a note is refused, and not logged
    (first,) = parts(1)
    accepted, refused = push(doors, first)
    assert set(accepted) <= {"line", "sourceRecordId", "outcome", "problems"}
    assert refused["problems"][0]["code"] == "forbidden_field:notes"
    assert hannah.CALLED_NOTES_BY_STEP_2 not in caplog.text + json.dumps(refused)
    # 3: the school's record is linked: still one child
    play(doors, 3)
    assert child_count(doors) == 1
    # the girls who are not Hannah are somebody else
    if not others_first:
        push_the_others(doors)
    assert child_count(doors) == 1
    # 4: the youth service's record is uncertain: not visible yet
    play(doors, 4)
    assert [row["organisation"] for row in others(opened(doors))] == [DESK]
    # 5, 6: Dana decides, and Lee is visible from now
    (decision,) = (part for part in parts(6) if isinstance(part, hannah.Decision))
    decide(doors, decision)
    assert len(others(opened(doors))) == 2
    # 7: the GP verifies her number and is shown
    play(doors, 7)
    assert opened(doors).json["gp"]["name"]
    # 8, 9: the desk ends; the old version sent again changes nothing
    play(doors, 8, 9)


def push_the_others(doors):
    for part in parts():
        push(doors, part)


def melanie_searches(doors):
    """Steps 10 to 13; returns the answer of step 12."""
    # 10: no second factor, no answer
    assert doors.as_("melanie", mfa=False).search(**HANNAH).status_code == 403
    assert doors.as_("melanie", mfa=False).search(**HANNAH).json["code"] == "mfa_required"
    # 11: a family name alone finds nobody
    too_little = doors.as_("melanie").search(family="Marsh")
    assert (too_little.status_code, too_little.json["code"]) == (422, "insufficient_criteria")
    # 12: Hannah first; no Marshall, no 2010 birth, no adult; nothing but the card
    found = doors.as_("melanie").search(**HANNAH)
    assert found.json["outcome"] == "match"
    cards = found.json["results"]
    assert 1 <= len(cards) <= 3
    assert cards[0]["confidence"] == "very-likely"
    assert cards[0]["names"][0]["given"] == ["Hannah"]
    assert {card["birthDate"] for card in cards} == {"2011-05-14"}
    assert {name["family"] for card in cards for name in card["names"]} == {"Marsh"}
    assert all(
        set(card)
        == {"handle", "names", "birthDate", "gender", "confidence", "because", "against"}
        | {"restricted"}
        for card in cards
    )
    # 13: a test is no reason
    tested = doors.as_("melanie").search(why=REASON | {"reasonText": "test"}, **HANNAH)
    assert (tested.status_code, tested.json["code"]) == (422, "reason_not_allowed")
    return found


def melanie_opens(doors, found):
    """Steps 14 to 19."""
    # 14: exactly two others
    answer = doors.as_("melanie").open(found.json["results"][0]["handle"])
    assert answer.status_code == 200
    check_what_melanie_sees(answer)
    # 16: the audit holds the search, every card, and the opening
    check_audit(doors, found.json["searchId"], index_number.parse(answer.json["indexNumber"]))
    # 17, 18: what came of it, and that the family knows
    tell_what_came_of_it(doors, answer)
    # 19: John sees his own team flagged, and nothing of school problems
    as_john = opened(doors, "john")
    assert [row["organisation"] for row in as_john.json["involvements"] if row["yours"]] == [DESK]
    assert "falling behind" not in as_john.text


def winter_comes(doors, clock):
    """Steps 20 to 26."""
    # 20, 21: that an assessment exists, and whom to ask; never what it says
    clock.move_to(2026, 12, 4)
    play(doors, 20)
    as_lee = opened(doors, "lee")
    assert as_lee.json["assessment"]["contactName"] == "Melanie Ortega"
    assert set(as_lee.json["assessment"]) == {
        "exists", "kind", "assessedOn", "closedOn", "contactName", "phone", "email",
    }  # fmt: skip
    ref = as_lee.json["childRef"]
    assert doors.as_("lee").ask("GET", f"/api/v1/children/{ref}/assessment").status_code == 404
    # 22, 23: one lead professional, replaced only by agreement
    name_the_lead(doors)
    # 24, 26: housing is seen by all; social care begins again beside what it ended
    clock.move_to(2026, 12, 14)
    play(doors, 24, 26)
    assert "Northam Housing" in {row["organisation"] for row in others(opened(doors))}
    desk = [row for row in others(opened(doors)) if row["serviceType"] == "SOCIAL_CARE"]
    assert sorted(row["state"] for row in desk) == ["ACTIVE", "ENDED_VISIBLE"]


def a_year_passes(doors, clock):
    """Steps 40 and 41."""
    # 40, 41: listed through the corresponding date, gone on the stroke of midnight
    clock.move_to(2027, 3, 31, 23, 59)
    assert len([r for r in others(opened(doors)) if r["serviceType"] == "SOCIAL_CARE"]) == 2
    clock.move_to(2027, 4, 1, 0, 0)
    left = [r for r in others(opened(doors)) if r["serviceType"] == "SOCIAL_CARE"]
    assert [row["state"] for row in left] == ["ACTIVE"]


def check_what_melanie_sees(answer):
    """Step 14 and 15: two telephones, her own row, and nothing that is not hers to know."""
    desk, lee = sorted(others(answer), key=lambda row: row["organisation"])
    assert (desk["organisation"], desk["contactName"], desk["phone"]) == (
        DESK, "Duty desk", "+441134960101",
    )  # fmt: skip
    assert (desk["endedOn"], desk["shownUntil"]) == ("2026-03-31", "2027-03-31")
    assert (lee["contactName"], lee["phone"], lee["state"], lee["startedOn"]) == (
        "Lee", "+441134960102", "ACTIVE", "2025-12-10",
    )  # fmt: skip
    (own,) = (row for row in answer.json["involvements"] if row["yours"])
    assert own["contactName"] == "Melanie Ortega"
    assert answer.json["assessment"] is None
    assert answer.json["leadProfessional"] is None
    (mother,) = answer.json["carers"]
    assert (mother["given"], mother["phone"]) == (["Carol"], "+441134960100")
    assert answer.json["education"]["settingName"] == "Southam School"
    assert answer.json["gp"]["name"]
    assert [i["scheme"] for i in answer.json["identifiers"]] == ["upn"]
    assert hannah.NHS_NUMBER not in answer.text
    assert "address" not in answer.json
    for word in ("Tom", "Ivy", "Ben", "father", "reason", '"note', '"plan'):
        assert word not in answer.text


def check_audit(doors, search_id, number):
    """Step 16: what was asked, every card's index number, and what the opening disclosed."""
    with doors.index.admit(doors.system(), Permission.AUDIT_VERIFY) as visit:
        visit.record("read-by-a-test")
        query = select(audit_event).where(audit_event.c.subject == search_id)
        search, shown, open_event = visit.conn.execute(query.order_by(audit_event.c.id)).all()
    assert (search.action, search.actor, search.outcome) == ("search:near", "melanie", "done")
    assert "Hannah" in doors.index.keys.decrypt(search.criteria)
    assert (shown.action, shown.index_number) == ("search:shown", number)
    assert (open_event.action, open_event.purpose) == ("child:opened", "ONGOING_SUPPORT")
    assert open_event.index_number == number
    assert "involvements" in open_event.fields.split()
    assert open_event.policy_version == POLICY_VERSION


def tell_what_came_of_it(doors, answer):
    melanie, ref = doors.as_("melanie"), answer.json["childRef"]
    told = melanie.ask(
        "POST", f"/api/v1/children/{ref}/outcomes", json={"outcome": "contacted-someone"}
    )
    assert told.status_code == 204
    (own,) = (row for row in answer.json["involvements"] if row["yours"])
    informed = melanie.ask(
        "PUT",
        f"/api/v1/children/{ref}/involvements/{own['involvementId']}/family-informed",
        headers={"If-Match": f'"{own["version"]}"'},
        json={"familyInformed": "yes"},
    )
    assert (informed.status_code, informed.json["familyInformed"]) == (200, "yes")


def name_the_lead(doors):
    """Steps 22 and 23: Melanie leads; Lee may replace her only with the team's agreement."""
    assert lead(doors, "melanie", "Melanie Ortega").status_code == 200
    assert opened(doors).json["leadProfessional"]["contactName"] == "Melanie Ortega"
    refused = lead(doors, "lee", "Lee")
    assert (refused.status_code, refused.json["code"]) == (409, "lead_exists")
    assert lead(doors, "lee", "Lee", agreedChange=True).status_code == 200
    assert opened(doors).json["leadProfessional"]["contactName"] == "Lee"


def lead(doors, who, contact, **more):
    seen = opened(doors, who)
    (row,) = (r for r in seen.json["involvements"] if r["contactName"] == contact)
    return doors.as_(who).ask(
        "PUT",
        f"/api/v1/children/{seen.json['childRef']}/lead-professional",
        headers={"If-Match": seen.headers["ETag"]},
        json={"involvementId": row["involvementId"]} | more,
    )
