"""Index numbers: meaningless, never reused, with a check character (domain.md A.3, child)."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_BODY_LENGTH = 10
_BITS = 5


def new() -> str:
    """Draw a new index number: ten random Crockford base-32 characters and their check character.

    Fifty random bits; the store's unique constraint is what rules out a repeat.
    """
    bits = secrets.randbits(_BITS * _BODY_LENGTH)
    body = "".join(ALPHABET[bits >> _BITS * place & 31] for place in range(_BODY_LENGTH))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Return the Luhn mod 32 check character of ``body``.

    >>> check_character("0123456789")
    'T'
    """
    total = 0
    for place, letter in enumerate(reversed(body)):
        addend = _VALUES[letter] * (2 if place % 2 == 0 else 1)
        total += addend // 32 + addend % 32
    return ALPHABET[-total % 32]


def parse(text: str) -> str | None:
    """Read an index number as a person typed it; ``None`` when it cannot be one.

    Spaces, hyphens and case are forgiven, and O, I and L are read as 0, 1 and 1 (Crockford).

    >>> parse("01234-56789-T")
    '0123456789T'
    >>> parse("01234-56789-8") is None
    True
    """
    letters = text.upper().replace("-", "").replace(" ", "")
    if len(letters) != _BODY_LENGTH + 1 or any(letter not in _VALUES for letter in letters):
        return None
    plain = "".join(ALPHABET[_VALUES[letter]] for letter in letters)
    return plain if check_character(plain[:-1]) == plain[-1] else None


def display(number: str) -> str:
    """Write an index number as people read it.

    >>> display("0123456789T")
    '01234-56789-T'
    """
    return f"{number[:5]}-{number[5:10]}-{number[10:]}"
