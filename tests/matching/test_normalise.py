"""What a feed typed becomes what we compare: the vectors of A.3 and what must hold of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.normalise import (
    address_line,
    birth,
    is_placeholder,
    is_temporary_upn,
    name,
    nhs_number,
    person,
    phone,
    postcode,
    sex,
    upn,
)
from matching.person import RawCarer, RawIdentifier, RawName, RawPerson, pack, unpack
from tests.matching.builders import someone

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=130)
maybe = st.none() | texts
raw_persons = st.builds(
    RawPerson,
    names=st.lists(
        st.builds(
            RawName,
            use=st.sampled_from(["usual", "alias", "former"]),
            given=st.lists(texts, max_size=3).map(tuple),
            family=maybe,
        ),
        max_size=3,
    ).map(tuple),
    birth_date=maybe | st.dates().map(str) | st.sampled_from(["2011", "2011-05", "2011-01-01"]),
    birth_date_is_default=st.booleans(),
    sex=maybe | st.sampled_from(["male", "F", "2", "other"]),
    identifiers=st.lists(
        st.builds(
            RawIdentifier,
            scheme=st.sampled_from(["nhs", "upn", "former-upn", "la-child-id"]),
            value=texts | st.sampled_from(["9990000018", "Q999400119001", "M80120000500A"]),
            verified=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    postcode=maybe | st.sampled_from(["XN1 6AE", "ZZ99 3VZ"]),
    previous_postcodes=st.lists(texts, max_size=2).map(tuple),
    address_line=maybe,
    carers=st.lists(
        st.builds(
            RawCarer, given=st.lists(texts, max_size=2).map(tuple), family=maybe, phone=maybe
        ),
        max_size=2,
    ).map(tuple),
)


@given(raw_persons)
def test_no_text_makes_normalising_fail(raw):
    person(raw)


@given(raw_persons)
def test_packing_and_unpacking_a_person_changes_nothing(raw):
    normalised = person(raw)
    assert unpack(pack(normalised)) == normalised


@given(texts)
def test_normalising_a_name_twice_changes_nothing_more(text):
    once = name(text)
    assert name(once) == once
    assert once is None or len(once) <= 100


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ls16ae", "LS1 6AE"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("W1A 0AX", "W1A 0AX"),
        ("M1 1AE", "M1 1AE"),
        ("DN55 1PT", "DN55 1PT"),
        ("GIR 0AA", "GIR 0AA"),
        ("XN1 6AE", "XN1 6AE"),
        ("vb4 2qt", "VB4 2QT"),
        ("QX1 1AA", "QX1 1AA"),
        ("LS1 6CE", None),
        ("AI1 1AA", None),
        ("LS1", None),
        ("LS1 66E", None),
        ("", None),
        (None, None),
    ],
)
def test_a_postcode_is_read_by_its_format_alone(typed, read):
    assert postcode(typed) == read


@pytest.mark.parametrize("pseudo", ["ZZ99 3VZ", "ZZ99 3WZ", "zz993cz", "ZZ99 1AA"])
def test_a_pseudo_postcode_is_never_evidence_nor_a_key(pseudo):
    held = someone(postcode=pseudo, previous=pseudo)
    assert held.postcode is None
    assert held.postcodes == frozenset()


@pytest.mark.parametrize(
    "number", ["9434765870", "943 476 5870", "943-476-5870", "9000000009", "9990000018"]
)
def test_a_valid_nhs_number_is_read_with_spaces_and_hyphens(number):
    assert nhs_number(number) == number.replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    "number",
    ["9434765871", "9000000000", "999123456", "1111111111", "0000000000", "٩٩٩٠٠٠٠٠١٨", "x", ""],
)
def test_an_nhs_number_with_a_wrong_check_digit_or_ten_equal_ones_is_not_held(number):
    assert nhs_number(number) is None


@pytest.mark.parametrize(
    "number",
    ["B801200005001", "P207000016049", "M80120000500A", "P838400119001", "T940420020123"],
)
def test_a_valid_upn_is_read_even_of_a_new_authority(number):
    assert upn(number.lower()) == number
    assert is_temporary_upn(number) == (number == "M80120000500A")


@pytest.mark.parametrize(
    "number",
    ["A801200005001", "Q207000016049", "B207000016049", "I801200005001", "X80120000A001", "UN1"],
)
def test_a_upn_with_a_wrong_check_letter_is_not_held(number):
    assert upn(number) is None


@pytest.mark.parametrize(
    "text",
    ["Baby", "BABY GIRL", "infant", "Twin 1", "twin one", "unknown", "Test", "n/a", "Not known"],
)
def test_a_placeholder_is_never_compared(text):
    assert is_placeholder(text)
    assert someone(given=text).given is None


@pytest.mark.parametrize("text", ["Babylon", "Tess", "Winston", "Ivy", "Na", "Boy", None, ""])
def test_a_name_that_only_looks_like_a_placeholder_is_compared(text):
    assert not is_placeholder(text)


def test_diacritics_case_apostrophes_and_hyphens_do_not_matter():
    assert name("ZOË O’Brien-Łuk") == name("zoe o'brien luk") == "zoe obrien luk"
    assert someone(family="Smith-Jones").family == someone(family="SMITH JONES").family
    assert {"smith", "jones", "smithjones"} == someone(family="Smith-Jones").families


def test_a_default_or_first_of_january_birth_date_is_weak():
    assert someone(born="2011-01-01").birth_weak
    assert someone(born="2011-05-14", default=True).birth_weak
    assert someone(born="2011-05-14").birth_exact == "2011-05-14"
    assert someone(born="2011-01-01").birth_exact is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2011", (2011, None, None)),
        ("2011-05", (2011, 5, None)),
        ("2011-05-14", (2011, 5, 14)),
        ("2011-02-29", (None, None, None)),
        ("14/05/2011", (None, None, None)),
        ("0000-01-01", (None, None, None)),
        ("2011-00-14", (None, None, None)),
        ("2011-05-00", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_birth_date_may_be_partial_but_not_impossible(typed, read):
    assert birth(typed) == read


def test_the_usual_name_leads_and_every_other_name_counts():
    held = someone(given="Victoria", family="Climbie", alias="Anna Kouao")
    assert (held.given, held.family) == ("victoria", "climbie")
    assert {"victoria", "anna"} == held.givens
    assert {"climbie", "kouao"} == held.families


def test_a_temporary_upn_is_evidence_but_never_a_contradiction():
    held = someone(upn="M80120000500A")
    assert held.upn is None
    assert held.upns == {"M80120000500A"}


def test_telephones_agree_in_national_and_international_form():
    assert phone("+44 113 496 0100") == phone("0113 496 0100") == "1134960100"
    assert phone("12345") is None


def test_sex_is_read_from_words_letters_and_codes_and_other_is_no_evidence():
    assert [sex(each) for each in ("male", "F", "2", "other", "0", None)] == [
        "M",
        "F",
        "F",
        None,
        None,
        None,
    ]


def test_street_words_are_opened():
    assert address_line("7, Alder Ct.") == address_line("7 ALDER COURT")
