"""Who is calling: a genuine token for this service and this moment; anything else is nobody."""

import base64
import hmac
import json
import time

import pytest
from joserfc.jwk import ECKey, RSAKey

from api import auth, create_app
from api.demo import PERSONAS, demo_key, demo_token
from child_index.config import Settings
from child_index.errors import Invalid, NotAllowed, NotFound
from child_index.records import Role
from tests.api.doors import SQLITE, problem_of, search_for

pytestmark = SQLITE


def refused(doors, token):
    answer = doors.holding(token).get("/reviews")
    problem_of(answer, 401, "unauthorized")
    return answer


def test_without_a_token_nobody_gets_past_the_door(doors):
    answer = doors.app.test_client().get("/api/v1/reviews")
    problem_of(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="child-index"'


def test_a_bad_token_is_told_so_and_never_why(doors):
    expired = refused(doors, doors.signed(exp=int(doors.clock().timestamp()) - 1))
    foreign = refused(doors, doors.signed(key=ECKey.generate_key("P-256")))
    assert 'error="invalid_token"' in expired.headers["WWW-Authenticate"]
    assert expired.headers["WWW-Authenticate"] == foreign.headers["WWW-Authenticate"]


def test_a_genuine_token_is_let_in(doors):
    assert doors.holding(doors.signed(roles=["steward"])).get("/reviews").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "someone-else"},
        {"aud": "another-service"},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
        {"sub": "mel\nanie"},
        {"organisation": None},
        {"exp": None},
        {"iat": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"roles": "practitioner"},
        {"roles": [1]},
        {"amr": "mfa"},
        {"nbf": 10**10},
        {"exp": 10**10},
        {"exp": float(2**60)},
        {"exp": float("inf")},
    ],
    ids=str,
)
def test_a_token_that_leaves_a_doubt_is_refused(doors, claims):
    refused(doors, doors.signed(**claims))


def test_an_audience_among_several_is_enough(doors):
    token = doors.signed(aud=["another", doors.settings.audience], roles=["steward"])
    assert doors.holding(token).get("/reviews").status_code == 200


def test_a_token_dies_when_it_expires_even_if_it_was_seen_before(doors):
    dana = doors.persona("dana")
    assert dana.get("/reviews").status_code == 200
    doors.wait(minutes=59)
    assert dana.get("/reviews").status_code == 200
    doors.wait(minutes=1)
    problem_of(dana.get("/reviews"), 401, "unauthorized")


def test_a_token_of_tomorrow_is_not_yet_good(doors):
    tomorrow = int(doors.clock().timestamp()) + 86_400
    refused(doors, doors.signed(iat=tomorrow, exp=tomorrow + 60))


def test_alg_none_is_refused(doors):
    header, payload, _ = doors.signed(roles=["steward"]).split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    for token in (f"{none}.{payload}.", f"{none}.{payload}.AA", f"{header}.{payload}."):
        refused(doors, token)


def test_the_public_key_is_no_shared_secret(doors):
    public = demo_key(doors.settings.home)
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": public.kid}).encode())
    said = b".".join([header.rstrip(b"="), doors.signed(roles=["steward"]).split(".")[1].encode()])
    for secret in (public.as_pem(private=False), public.as_der(private=False)):
        forged = base64.urlsafe_b64encode(hmac.digest(secret, said, "sha256")).rstrip(b"=")
        refused(doors, b".".join([said, forged]).decode())


def test_other_algorithms_and_curves_are_refused(doors):
    refused(doors, doors.signed(key=RSAKey.generate_key(2048), header={"alg": "RS256"}))
    refused(doors, doors.signed(key=ECKey.generate_key("P-384"), header={"alg": "ES384"}))


def test_a_key_offered_inside_the_token_is_not_used(doors):
    own = ECKey.generate_key("P-256")
    refused(doors, doors.signed(key=own, header={"jwk": own.as_dict(private=False)}))
    refused(doors, doors.signed(key=own, header={"kid": "elsewhere"}))


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", ".", "..", "é.é.é", "\x00", "A" * 9_000, "e30.e30.", "bm8.bm8.bm8"]
)
def test_what_is_no_token_is_refused(doors, token):
    refused(doors, token)


@pytest.mark.parametrize("kind", ["Basic", "Token", "bearer-ish", "Bearer"])
def test_only_a_bearer_token_counts(doors, kind):
    client = doors.app.test_client()
    sent = kind if kind == "Bearer" else f"{kind} {doors.signed()}"
    problem_of(client.get("/api/v1/reviews", headers={"Authorization": sent}), 401, "unauthorized")


def test_a_changed_signature_or_payload_is_refused(doors):
    header, payload, signature = doors.signed().split(".")
    refused(doors, f"{header}.{payload}.{signature[::-1]}")
    other = doors.signed(roles=["steward"]).split(".")[1]
    refused(doors, f"{header}.{other}.{signature}")


def test_a_system_gets_ten_minutes_and_a_person_eight_hours(doors):
    now = int(doors.clock().timestamp())
    feed = {"roles": ["feed"], "feed": "gp", "sub": "feed:gp"}
    refused(doors, doors.signed(**feed, exp=now + 601))
    assert doors.holding(doors.signed(**feed, exp=now + 600)).get("/feeds/gp").status_code == 404
    refused(doors, doors.signed(exp=now + 8 * 3600 + 1))


def test_a_feed_must_say_which_and_only_a_feed_may(doors):
    refused(doors, doors.signed(roles=["feed"], feed=None))
    person = doors.holding(doors.signed(feed="gp"))
    problem_of(person.get("/feeds/gp"), 403, "not_allowed")


def test_a_machine_role_is_no_way_round_the_second_factor(doors):
    refused(doors, doors.signed(roles=["feed", "practitioner"], feed="gp", amr=[]))


def test_no_token_can_make_a_caller_the_system(doors):
    token = doors.signed(roles=["system"])
    problem_of(doors.holding(token).get("/reviews"), 403, "not_allowed")


def test_unknown_roles_permit_nothing(doors):
    token = doors.signed(roles=["superuser", "STEWARD"])
    problem_of(doors.holding(token).get("/reviews"), 403, "not_allowed")


def test_without_a_second_factor_nothing_is_done(doors):
    melanie = doors.persona("melanie", mfa=False)
    problem_of(melanie.post("/searches", search_for()), 403, "mfa_required")
    assert doors.persona("melanie").post("/searches", search_for()).status_code == 200


@pytest.mark.parametrize("claims", [{"amr": ["mfa"]}, {"amr": None, "acr": "aal2"}])
def test_the_second_factor_may_be_told_by_method_or_by_context(doors, claims):
    token = doors.signed(**claims)
    assert doors.holding(token).post("/searches", search_for()).status_code == 200


@pytest.mark.parametrize("claims", [{"amr": ["otp"]}, {"amr": None, "acr": "aal1"}])
def test_a_single_factor_is_no_second_one(doors, claims):
    token = doors.signed(**claims)
    problem_of(doors.holding(token).post("/searches", search_for()), 403, "mfa_required")


def test_who_asks_comes_from_the_token_and_never_from_the_message(doors):
    message = search_for() | {"organisation": "Northam Housing"}
    problem = problem_of(doors.persona("melanie").post("/searches", message), 422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == ["/organisation"]


def test_verifying_a_known_token_again_is_cheap(doors):
    verifier = auth.open_verifier(doors.settings)
    token, at = doors.signed(), doors.clock()
    verifier.identify(token, at)
    started = time.perf_counter()
    for _ in range(1_000):
        verifier.identify(token, at)
    assert time.perf_counter() - started < 0.09  # the signature alone costs 90 µs


def test_the_memory_of_tokens_is_bounded(doors, monkeypatch):
    monkeypatch.setattr(auth, "MOST_REMEMBERED", 3)
    verifier = auth.open_verifier(doors.settings)
    for number in range(10):
        verifier.identify(doors.signed(jti=str(number)), doors.clock())
        assert len(verifier._remembered) <= 3


def test_demo_mode_serves_loopback_only(index, settings):
    for host in ("0.0.0.0", "192.0.2.1", "::", "example.org"):  # noqa: S104 - what is refused
        with pytest.raises(NotAllowed, match="demo_off_loopback"):
            auth.open_verifier(_with(settings, host=host))
    for host in ("127.0.0.1", "::1", "localhost", "127.0.0.2"):
        auth.open_verifier(_with(settings, host=host))


def test_production_reads_its_keys_from_a_file_and_needs_them(index, settings, tmp_path):
    production = _with(settings, mode="production")
    with pytest.raises(Invalid):
        auth.open_verifier(production)
    for content in ("", "{}", '{"keys": []}x', "[]", '{"keys": [{"kty": "EC"}]}'):
        (tmp_path / "keys.json").write_text(content)
        with pytest.raises(Invalid):
            auth.open_verifier(_with(production, token_keys=tmp_path / "keys.json"))


def test_a_key_of_the_identity_provider_opens_production_and_the_demo_key_does_not(
    doors, settings, index, tmp_path, clock
):
    provider = ECKey.generate_key("P-256", auto_kid=True)
    keys = {"keys": [provider.as_dict(private=False)]}
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    production = _with(settings, mode="production", token_keys=tmp_path / "keys.json")
    verifier = auth.open_verifier(production)
    token = doors.signed(key=provider, header={"kid": provider.kid})
    assert verifier.identify(token, clock()).actor == "melanie"
    with pytest.raises(auth.TokenRefused):
        verifier.identify(doors.signed(), clock())


def test_demo_tokens_exist_only_in_demo_mode(settings, clock):
    with pytest.raises(NotAllowed, match="not_in_demo_mode"):
        demo_token(_with(settings, mode="production"), "melanie", at=clock())
    with pytest.raises(NotFound):
        demo_token(settings, "nobody", at=clock())
    with pytest.raises(NotFound):
        demo_token(settings, "feed:../etc", at=clock())


def test_every_role_of_people_has_a_persona(store_url):
    held = {role for persona in PERSONAS.values() for role in persona.roles}
    assert held == set(Role) - {Role.FEED, Role.SYSTEM}


def _with(settings, **changes):
    fields = {name: getattr(settings, name) for name in Settings.__slots__} | changes
    return Settings(**fields)


def test_the_demo_key_is_for_its_owner_alone(doors):
    path = doors.settings.home / "keys" / "demo.jwk"
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_applications_share_one_demo_key(index, settings, clock, doors):
    other = create_app(index, clock=clock).test_client()
    answer = other.get("/api/v1/reviews", headers={"Authorization": f"Bearer {doors.signed()}"})
    assert answer.status_code == 403
