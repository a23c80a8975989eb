"""Fetch the certificates that notices are signed with, and trust none without its chain."""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate

ORGANISATION = "Microsoft Corporation"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PATIENCE = 5.0
_LARGEST = 32 * 1024
"""Bytes: a certificate with its intermediates has a few thousand."""
_LONGEST_URL = 500
_FRESH = 3600.0
"""Seconds that a good certificate is not asked for again."""
_AGAIN = 60.0
"""Seconds between two looks at one address because of what did not pass."""
_KNOWN = 64
_FETCHES = 20
"""A minute, over all addresses: who writes headers decides which addresses are asked."""
_DEPTH = 4
_NEVER = datetime.max.replace(tzinfo=UTC)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """What an address held at one moment, on this process's clock; None: nothing to be trusted."""

    at: float
    key: "RSAPublicKey | None"
    valid_until: datetime


class SigningCertificates:
    """Keys by address, failures too, so that a flood of notices costs a few fetches a minute."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        anchors: str,
        hosts: Iterable[str],
        ticks: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._http = http
        self._anchors = anchors.replace("\\n", "\n").encode()
        self._hosts = frozenset(host.strip().lower() for host in hosts if host.strip())
        self._ticks = ticks
        self._now = now
        self._looked: OrderedDict[str, Looked] = OrderedDict()
        self._fetched: deque[float] = deque(maxlen=_FETCHES)
        self._lock = asyncio.Lock()

    @property
    def is_ready(self) -> bool:
        return bool(self._hosts) and b"BEGIN CERTIFICATE" in self._anchors

    async def key(self, url: str, *, anew: bool = False) -> "RSAPublicKey | None":
        """Answer the key behind an address, or None where it is not to be trusted.

        ``anew`` asks for one that was not fetched within the last minute: keys are renewed.
        """
        if not self.is_ready or not self._may_be_asked(url):
            return None
        known = self._looked.get(url)
        if known is None or self._is_old(known, anew=anew):
            async with self._lock:
                known = await self._look(url, anew=anew)
        return known.key if known is not None and known.valid_until > self._now() else None

    def _may_be_asked(self, url: str) -> bool:
        if len(url) > _LONGEST_URL:
            return False
        try:
            address = urlsplit(url)
            port = address.port
        except ValueError:
            return False
        host = (address.hostname or "").lower()
        if host not in self._hosts or address.username is not None:
            return False
        # Development serves certificates from its own loopback, on any port.
        if host in _LOOPBACK:
            return address.scheme in ("http", "https")
        return address.scheme == "https" and port in (None, 443)

    def _is_old(self, known: Looked, *, anew: bool) -> bool:
        age = self._ticks() - known.at
        return age >= (_AGAIN if anew or known.key is None else _FRESH)

    async def _look(self, url: str, *, anew: bool) -> Looked | None:
        """A key that was good stays so while its address cannot be asked."""
        known = self._looked.get(url)
        if known is not None and not self._is_old(known, anew=anew):
            return known
        if not self._has_fetch_left():
            return known
        found = await self._found(url, known)
        self._looked[url] = found
        self._looked.move_to_end(url)
        self._forget_some()
        return found

    def _forget_some(self) -> None:
        """Failures go first: made-up addresses must not push out the real one."""
        while len(self._looked) > _KNOWN:
            failed = (url for url, looked in self._looked.items() if looked.key is None)
            del self._looked[next(failed, next(iter(self._looked)))]

    def _has_fetch_left(self) -> bool:
        now = self._ticks()
        if len(self._fetched) == _FETCHES and now - self._fetched[0] < _AGAIN:
            return False
        self._fetched.append(now)
        return True

    async def _found(self, url: str, known: Looked | None) -> Looked:
        nothing = Looked(self._ticks(), None, _NEVER)
        try:
            async with asyncio.timeout(_PATIENCE):
                content = await self._fetch(url)
            leaf = self._verified(content)
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            logger.warning("a signing certificate cannot be fetched: %s", type(error).__name__)
            return replace(known, at=nothing.at) if known else nothing
        except ValueError as error:
            logger.warning("a signing certificate does not pass: %s", error)
            return nothing
        return Looked(nothing.at, _rsa_key_of(leaf), leaf.not_valid_after_utc)

    async def _fetch(self, url: str) -> bytes:
        content = b""
        # Unpacked, a few bytes could become any number.
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        async with self._http.stream("GET", url, headers=headers, follow_redirects=False) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise ValueError("the certificate is not there")
            async for piece in answer.aiter_raw():
                content += piece
                if len(content) > _LARGEST:
                    raise ValueError("this is larger than a certificate")
        return content

    def _verified(self, content: bytes) -> "Certificate":
        """Check chain, dates and issuer; raise `ValueError` where one does not pass."""
        # Heavy, and only webhooks need them.
        from cryptography import x509  # noqa: PLC0415
        from cryptography.x509 import verification  # noqa: PLC0415

        leaf, *others = _certificates_in(content)
        authorities = verification.ExtensionPolicy.webpki_defaults_ca()
        # A signing certificate need not name a purpose, as a web server's must.
        anything = verification.ExtensionPolicy.permit_all()
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store(x509.load_pem_x509_certificates(self._anchors)))
            .time(self._now())
            .max_chain_depth(_DEPTH)
            .extension_policies(ca_policy=authorities, ee_policy=anything)
            .build_client_verifier()
        )
        try:
            verifier.verify(leaf, others)
        except verification.VerificationError as error:
            raise ValueError("the chain does not lead to an anchor") from error
        if ORGANISATION not in _organisations(leaf.issuer):
            raise ValueError("the issuer is somebody else's")
        return leaf


def _certificates_in(content: bytes) -> "list[Certificate]":
    """PEM, with intermediates or without, or DER."""
    from cryptography import x509  # noqa: PLC0415 - see above

    if b"-----BEGIN CERTIFICATE" in content:
        return x509.load_pem_x509_certificates(content)
    return [x509.load_der_x509_certificate(content)]


def _organisations(name: object) -> set[str]:
    from cryptography import x509  # noqa: PLC0415 - see above

    found: set[str] = set()
    if isinstance(name, x509.Name):
        with suppress(ValueError):
            attributes = name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
            found = {str(attribute.value) for attribute in attributes}
    return found


def _rsa_key_of(leaf: "Certificate") -> "RSAPublicKey | None":
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - see above

    key = leaf.public_key()
    return key if isinstance(key, rsa.RSAPublicKey) else None
