"""Persons for tests: a test states only what matters to it."""

from matching.normalise import person
from matching.person import Person, RawCarer, RawIdentifier, RawName, RawPerson


def someone(
    given: str | None = "Hannah",
    family: str | None = "Marsh",
    born: str | None = "2011-05-14",
    **more: object,
) -> Person:
    """A normalised person; ``more`` is sex, nhs, verified, upn, postcode, previous, address,
    carer, phone, alias (a full name) and default (the date of birth is a default one).
    """
    schemes = (("nhs", "nhs"), ("upn", "upn"))
    names = [RawName(given=(given,) if given else (), family=family)]
    if "alias" in more:
        first, _, last = str(more["alias"]).partition(" ")
        names.append(RawName(use="alias", given=(first,), family=last or None))
    carer = str(more.get("carer", "")).split()
    return person(
        RawPerson(
            names=tuple(names),
            birth_date=born,
            birth_date_is_default=bool(more.get("default")),
            sex=str(more.get("sex", "female")),
            identifiers=tuple(
                RawIdentifier(
                    scheme=scheme, value=str(more[key]), verified=bool(more.get("verified"))
                )
                for key, scheme in schemes
                if key in more
            ),
            postcode=_text(more.get("postcode")),
            previous_postcodes=(str(more["previous"]),) if "previous" in more else (),
            address_line=_text(more.get("address")),
            carers=(
                RawCarer(
                    given=tuple(carer[:1]),
                    family=carer[1] if len(carer) > 1 else None,
                    phone=_text(more.get("phone")),
                ),
            ),
        )
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
