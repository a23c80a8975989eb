"""Make and read the RSA keys that tokens are signed with."""

import base64
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEY_ID = "sim-key-1"


@cache
def new_key_pem() -> str:
    """One key per process: making it is the slowest thing the simulator does."""
    return _fresh_pem()


@cache
def wrong_key_pem() -> str:
    """A key that nobody publishes, for tokens that must be refused."""
    return _fresh_pem()


def jwk(pem: str) -> dict[str, str]:
    numbers = private_key(pem).public_key().public_numbers()
    common = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "x5t": KEY_ID}
    return common | {"n": _base64url(numbers.n), "e": _base64url(numbers.e)}


@cache
def private_key(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the state file holds a key that is not RSA")
    return key


def _fresh_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
