"""The keys of the embedded service, and what is done with them: keyed digests and sealed text."""

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Keys:
    """One secret of 32 bytes, and a key of its own for each use drawn from it.

    A digest is keyed (HMAC-SHA-256), so that it cannot be looked up in a table of all names
    (promises.md A6: an unsalted hash of name and date of birth can). Encryption is AES-256-GCM.
    """

    def __init__(self, secret: bytes) -> None:
        self._digest_key = _derive(secret, b"digest")
        self._row_key = _derive(secret, b"audit-row")
        self._cipher = AESGCM(_derive(secret, b"text"))

    def digest(self, text: str) -> str:
        """Return the keyed digest of ``text``, 64 hexadecimal characters."""
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()

    def row_digest(self, text: str) -> str:
        """Return the keyed digest that guards one audit row."""
        return hmac.new(self._row_key, text.encode(), hashlib.sha256).hexdigest()

    def encrypt(self, text: str) -> bytes:
        """Encrypt ``text``; each call draws its own nonce."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def decrypt(self, sealed: bytes) -> str:
        """Return the text that :meth:`encrypt` sealed.

        Raises:
            cryptography.exceptions.InvalidTag: another key sealed it, or it was changed.
        """
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode()


def open_keys(home: Path) -> Keys:
    """Read the secret of the index under ``home/keys``, making it on the first start."""
    return Keys(secret_under(home, "index.key"))


def secret_under(home: Path, name: str) -> bytes:
    """Read the secret ``home/keys/name``, making it (mode 0600) when it is not there yet.

    Whole or not there: it is written beside its place and linked into it, so that of several
    processes that start at once one wins and the others read what it wrote.
    """
    path = home / "keys" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes()


def _derive(secret: bytes, use: bytes) -> bytes:
    return hmac.new(secret, use, hashlib.sha256).digest()
