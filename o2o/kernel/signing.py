"""Keys: tokens that are derived and never stored, MACs, the keyed hash of a phone number, sealed text.

The first key signs and seals, every key verifies and opens, so that printed codes and open links outlive a change of
keys. Each purpose has a subkey, so that nothing made for one purpose is worth anything for another.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

TOKEN_BYTES: Final = 16
FINGERPRINT_BYTES: Final = 6


class SealError(ValueError):
    """The text was not sealed by any of our keys."""


class Signer:
    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a Signer needs at least one key")
        self._keys = [key.encode() for key in keys]
        self._subkeys: dict[str, list[bytes]] = {}
        self._box = MultiFernet([Fernet(urlsafe_b64encode(subkey)) for subkey in self._of("seal")])

    def token(self, purpose: str, subject: str) -> str:
        """128 bits that only we can derive from the id, as 22 characters of base64url."""
        return base64url(self.mac(purpose, subject.encode(), TOKEN_BYTES))

    def verify_token(self, purpose: str, subject: str, token: str) -> bool:
        data = subject.encode(errors="surrogatepass")
        expected = (base64url(_mac(key, data, TOKEN_BYTES)) for key in self._of(purpose))
        return _any_equal(token.encode(errors="surrogatepass"), [text.encode() for text in expected])

    def mac(self, purpose: str, data: bytes, length: int) -> bytes:
        return _mac(self._of(purpose)[0], data, length)

    def verify_mac(self, purpose: str, data: bytes, mac: bytes, length: int) -> bool:
        """Whether `mac` is ours; the caller says the length, so that a shortened one never passes."""
        return _any_equal(mac, [_mac(key, data, length) for key in self._of(purpose)])

    def phone_hash(self, e164: str) -> str:
        """What Redis may know of a phone number: enough to see the same number again, nothing to call."""
        return base64url(self.mac("phone", e164.encode(), TOKEN_BYTES))

    def fingerprints(self) -> list[str]:
        """Each key's, first the one that signs: enough to see whether it is the same key, nothing to find it by."""
        return [base64url(_mac(subkey, b"", FINGERPRINT_BYTES)) for subkey in self._of("fingerprint")]

    def seal(self, text: str) -> str:
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text that `seal` was given. Raises SealError."""
        try:
            return self._box.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealError("sealed with a key that is not in O2O_SECRET_KEY") from error

    def _of(self, purpose: str) -> list[bytes]:
        subkeys = self._subkeys.get(purpose)
        if subkeys is None:
            label = f"o2o {purpose}".encode()
            subkeys = self._subkeys[purpose] = [hmac.digest(key, label, "sha256") for key in self._keys]
        return subkeys


def base64url(data: bytes) -> str:
    """Without padding, for addresses and headers."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(data: bytes) -> str:
    """128 bits of BLAKE2b as 22 characters of base64url."""
    return base64url(hashlib.blake2b(data, digest_size=TOKEN_BYTES).digest())


def _mac(key: bytes, data: bytes, length: int) -> bytes:
    return hmac.digest(key, data, "sha256")[:length]


def _any_equal(given: bytes, expected: Sequence[bytes]) -> bool:
    return any([hmac.compare_digest(given, one) for one in expected])  # noqa: C419 - all keys, so that time says nothing
