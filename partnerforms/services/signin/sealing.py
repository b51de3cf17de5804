"""Secrets that must be kept and used again, such as a provider's: sealed with the installation's secret key."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class UnsealError(ValueError):
    """Sealed with another secret key, or damaged."""


def seal(text: str, secret_key: str) -> str:
    """The text, readable only with this secret key."""
    return _box(secret_key).encrypt(text.encode()).decode()


def unseal(sealed: str, secret_key: str) -> str:
    """The text again. UnsealError when the key is another one."""
    try:
        return _box(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise UnsealError("this was sealed with another secret key") from None


def _box(secret_key: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"partnerforms sealed secrets").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
