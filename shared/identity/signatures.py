"""Check that a notice comes from Partner Center: its signature over the bytes as they came.

https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from shared.domain.errors import BodyTooLarge, SignatureRefused
from shared.identity.certificates import SigningCertificates

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

BODY_LIMIT = 64 * 1024
"""Bytes: a notice has a few hundred."""
_LONGEST = 4096
_ALGORITHMS = frozenset({"rsa-sha256", "rsa-sha384", "rsa-sha512"})


@dataclass(frozen=True, slots=True)
class Seal:
    """What the headers say of a signature."""

    signature: bytes
    certificate_url: str
    algorithm: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Self:
        """Microsoft writes it into one of two headers, as the registration asked."""
        texts = (headers.get("x-ms-signature", ""), headers.get("authorization", ""))
        url = headers.get("x-ms-certificate-url", "")
        algorithm = headers.get("x-ms-signature-algorithm", "").strip().lower()
        signature = next((found for text in texts if (found := _signature_in(text))), b"")
        if not signature or not url or algorithm not in _ALGORITHMS:
            raise refused()
        return cls(signature, url.strip(), algorithm)


class NoticeSignatures:
    """Lets notices in that are signed under one of the configured anchors, and no others."""

    def __init__(self, certificates: SigningCertificates) -> None:
        self._certificates = certificates

    @property
    def is_ready(self) -> bool:
        return self._certificates.is_ready

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise `SignatureRefused` without a reason: who does not pass learns nothing."""
        seal = Seal.of(headers)
        if len(body) > BODY_LIMIT:
            raise BodyTooLarge(f"A notice has at most {BODY_LIMIT:,} bytes.")
        key = await self._certificates.key(seal.certificate_url)
        if key is not None and _passes(key, seal, body):
            return
        # The key behind an address may have been renewed since it was fetched.
        renewed = await self._certificates.key(seal.certificate_url, anew=True)
        if renewed is None or renewed is key or not _passes(renewed, seal, body):
            raise refused()


def refused() -> SignatureRefused:
    return SignatureRefused("Only what Partner Center has signed is taken here.")


def _signature_in(text: str) -> bytes:
    scheme, _, content = text.strip().partition(" ")
    if scheme.lower() != "signature" or len(content) > _LONGEST:
        return b""
    try:
        return base64.b64decode(content.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _passes(key: "RSAPublicKey", seal: Seal, body: bytes) -> bool:
    """PKCS #1 v1.5; the library compares in constant time."""
    # Heavy, and only webhooks need them.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    kinds: dict[str, hashes.HashAlgorithm] = {
        "rsa-sha256": hashes.SHA256(),
        "rsa-sha384": hashes.SHA384(),
        "rsa-sha512": hashes.SHA512(),
    }
    try:
        key.verify(seal.signature, body, padding.PKCS1v15(), kinds[seal.algorithm])
    except InvalidSignature:
        return False
    return True
