"""Only what Partner Center signed passes, and what does not pass costs little."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID

from shared.domain.errors import BodyTooLarge, SignatureRefused
from shared.identity.certificates import SigningCertificates
from shared.identity.signatures import BODY_LIMIT, NoticeSignatures
from shared.transport.http import open_http
from simulator.webhooks.authority import ANCHOR, GENUINE, IMPOSTOR, Identity, identity
from simulator.webhooks.signing import Manner, signed
from simulator.world import World

HOST = "certificates.example"
PLACE = f"https://{HOST}/cert/webhooks.cer"
BODY = b'{"EventName": "test-created"}'
NOW = datetime.now(UTC)
WORLD = World.default()


@dataclass
class Microsoft:
    """Serves certificates, and signs what it is given."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False
    tick: float = 1000.0
    now: datetime = NOW

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.is_down:
            raise httpx.ConnectError("nobody there", request=request)
        return httpx.Response(
            self.status, stream=httpx.ByteStream(self.content), headers=self.headers
        )

    def signatures(self, anchors: str = "", hosts: tuple[str, ...] = (HOST,)) -> NoticeSignatures:
        return NoticeSignatures(
            SigningCertificates(
                open_http(transport=httpx.MockTransport(self)),
                anchors=anchors or of(ANCHOR).pem,
                hosts=hosts,
                ticks=lambda: self.tick,
                now=lambda: self.now,
            )
        )


def of(name: str) -> Identity:
    return identity(WORLD, name)


def notice(body: bytes = BODY, **manner: Any) -> tuple[dict[str, str], bytes]:
    """The headers as the platform hands them over, and the body as it came."""
    manner = {"certificate_url": PLACE, **manner}
    post = signed(WORLD, "http://nowhere", "http://us", body, Manner(**manner))
    return {name.lower(): value for name, value in post.headers.items()}, post.body


@pytest.fixture
def microsoft() -> Microsoft:
    return Microsoft(of(GENUINE).der)


async def passes(signatures: NoticeSignatures, **manner: Any) -> bool:
    try:
        await signatures.check(*notice(**manner))
    except SignatureRefused:
        return False
    return True


@pytest.mark.parametrize("content", [of(GENUINE).der, of(GENUINE).pem.encode()], ids=["der", "pem"])
@pytest.mark.parametrize("in_ms_signature", [True, False])
async def test_a_genuine_notice_passes(
    microsoft: Microsoft, content: bytes, *, in_ms_signature: bool
) -> None:
    microsoft.content = content

    assert await passes(microsoft.signatures(), in_ms_signature=in_ms_signature)


async def test_an_anchor_may_be_written_on_one_line(microsoft: Microsoft) -> None:
    one_line = of(ANCHOR).pem.replace("\n", "\\n")

    assert await passes(microsoft.signatures(one_line))


async def test_without_an_anchor_nothing_passes_and_nobody_is_asked(microsoft: Microsoft) -> None:
    signatures = microsoft.signatures("nothing that is a certificate")

    assert not signatures.is_ready
    assert not await passes(signatures)
    assert microsoft.asked == []


@pytest.mark.parametrize(
    "manner",
    [
        {"signature": "tampered"},
        {"signature": "garbage"},
        {"signature": "missing"},
        {"signature": "wrongScheme"},
        {"signature": IMPOSTOR},
        {"algorithm": "rsa-md5"},
        {"algorithm": "none"},
        {"omit": ["X-MS-Certificate-Url"]},
    ],
    ids=str,
)
async def test_a_forged_notice_does_not_pass(microsoft: Microsoft, manner: Any) -> None:
    assert not await passes(microsoft.signatures(), **manner)


async def test_a_body_beyond_the_limit_is_not_even_hashed(microsoft: Microsoft) -> None:
    with pytest.raises(BodyTooLarge):
        await microsoft.signatures().check(*notice(body=b"x" * (BODY_LIMIT + 1)))

    assert microsoft.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/cert/webhooks.cer",
        f"https://{HOST}.evil.example/webhooks.cer",
        f"https://evil.example/{HOST}",
        f"https://{HOST}@evil.example/webhooks.cer",
        f"https://user@{HOST}/webhooks.cer",
        f"http://{HOST}/webhooks.cer",
        f"https://{HOST}:8443/webhooks.cer",
        f"https://{HOST}:port/webhooks.cer",
        f"file://{HOST}/etc/passwd",
        "http://169.254.169.254/metadata",
        "http://127.0.0.1/webhooks.cer",
        f"https://{HOST}/{'x' * 600}",
        "https://[::1",
    ],
)
async def test_a_certificate_is_fetched_from_nowhere_else(microsoft: Microsoft, url: str) -> None:
    assert not await passes(microsoft.signatures(), certificate_url=url)
    assert microsoft.asked == []


async def test_development_may_serve_its_own_certificates(microsoft: Microsoft) -> None:
    signatures = microsoft.signatures(hosts=("127.0.0.1",))

    assert await passes(signatures, certificate_url="http://127.0.0.1:8080/webhooks.cer")


async def test_a_redirect_is_not_followed(microsoft: Microsoft) -> None:
    microsoft.status, microsoft.headers = 302, {"Location": "https://evil.example/"}

    assert not await passes(microsoft.signatures())
    assert microsoft.asked == [PLACE]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no certificate", id="something else"),
        pytest.param(of(GENUINE).pem.encode() + b"\n" * 100_000, id="far more than a certificate"),
    ],
)
async def test_what_is_no_certificate_is_not_taken(microsoft: Microsoft, content: bytes) -> None:
    microsoft.content = content

    assert not await passes(microsoft.signatures())


async def test_a_certificate_is_asked_for_once_an_hour(microsoft: Microsoft) -> None:
    signatures = microsoft.signatures()

    for _ in range(50):
        assert await passes(signatures)
    microsoft.tick += 3601
    assert await passes(signatures)

    assert len(microsoft.asked) == 2


async def test_a_certificate_that_was_good_ends_when_it_says(microsoft: Microsoft) -> None:
    signatures = microsoft.signatures()
    assert await passes(signatures)

    microsoft.now += timedelta(days=4000)

    assert not await passes(signatures)


async def test_a_certificate_that_was_good_outlives_an_outage(microsoft: Microsoft) -> None:
    signatures = microsoft.signatures()
    assert await passes(signatures)

    microsoft.is_down, microsoft.tick = True, microsoft.tick + 3601

    assert await passes(signatures)


async def test_a_flood_costs_few_fetches(microsoft: Microsoft) -> None:
    signatures = microsoft.signatures()
    assert await passes(signatures)

    for number in range(200):
        url = f"https://{HOST}/{number}.cer"
        assert not await passes(signatures, signature="garbage", certificate_url=url)

    assert len(microsoft.asked) == 20
    assert await passes(signatures)


async def test_an_address_that_failed_is_left_alone_for_a_minute(microsoft: Microsoft) -> None:
    microsoft.status = 404
    signatures = microsoft.signatures()

    before = [await passes(signatures) for _ in range(20)]
    microsoft.status, microsoft.tick = 200, microsoft.tick + 61
    after = await passes(signatures)

    assert not any(before)
    assert after
    assert len(microsoft.asked) == 2


async def test_a_renewed_key_is_found_behind_the_same_address(microsoft: Microsoft) -> None:
    root = Authority("Microsoft Corporation")
    old, new = root.leaf(), root.leaf()
    signatures = microsoft.signatures(root.pem)
    microsoft.content = old.der
    await signatures.check(*notice_of(old))

    microsoft.content, microsoft.tick = new.der, microsoft.tick + 61
    await signatures.check(*notice_of(new))

    assert len(microsoft.asked) == 2


async def test_an_intermediate_certificate_may_come_along(microsoft: Microsoft) -> None:
    root = Authority("DigiSomething")
    issuing = root.authority("Microsoft Corporation")
    leaf = issuing.leaf()
    microsoft.content = leaf.pem.encode()

    alone = microsoft.signatures(root.pem)
    with pytest.raises(SignatureRefused):
        await alone.check(*notice_of(leaf))
    microsoft.content = (leaf.pem + issuing.pem).encode()
    await microsoft.signatures(root.pem).check(*notice_of(leaf))


async def test_another_organisations_certificate_does_not_pass(microsoft: Microsoft) -> None:
    root = Authority("Somebody Else")
    leaf = root.leaf()
    microsoft.content = leaf.der

    with pytest.raises(SignatureRefused):
        await microsoft.signatures(root.pem).check(*notice_of(leaf))


async def test_a_leaf_cannot_certify_another(microsoft: Microsoft) -> None:
    root = Authority("Microsoft Corporation")
    leaf = root.leaf()
    false = Authority("Microsoft Corporation", leaf).leaf()
    microsoft.content = (false.pem + leaf.pem).encode()

    with pytest.raises(SignatureRefused):
        await microsoft.signatures(root.pem).check(*notice_of(false))


async def test_a_key_that_is_not_rsa_does_not_pass(microsoft: Microsoft) -> None:
    root = Authority("Microsoft Corporation")
    microsoft.content = root.leaf(key=ec.generate_private_key(ec.SECP256R1())).der

    assert not await passes(microsoft.signatures(root.pem))


def notice_of(signer: Identity) -> tuple[dict[str, str], bytes]:
    world = cast("World", SimpleNamespace(certificates={GENUINE: signer.to_text()}))
    post = signed(world, "", "http://us", BODY, Manner(certificate_url=PLACE))
    return {name.lower(): value for name, value in post.headers.items()}, post.body


class Authority:
    """A small certificate authority of any name."""

    def __init__(self, organisation: str, signer: Identity | None = None) -> None:
        self._organisation = organisation
        self._key = signer.key if signer else rsa.generate_private_key(65537, 2048)
        name = _name(organisation)
        own = _signed(self._key, name, self._key, name, is_authority=True)
        self._certificate = signer.certificate if signer else own

    @property
    def pem(self) -> str:
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def leaf(self, key: Any = None) -> Identity:
        key = key or rsa.generate_private_key(65537, 2048)
        issuer = self._certificate.subject
        made = _signed(key, _name("Microsoft Corporation", "leaf"), self._key, issuer)
        return Identity(key, made)

    def authority(self, organisation: str) -> "Authority":
        other = Authority(organisation)
        other._certificate = _signed(
            other._key,
            _name(organisation, "issuing"),
            self._key,
            self._certificate.subject,
            is_authority=True,
        )
        return other


def _name(organisation: str, common: str = "root") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _signed(
    key: Any, subject: x509.Name, by: Any, issuer: x509.Name, *, is_authority: bool = False
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=100))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
        .sign(by, hashes.SHA256(), rsa_padding=PKCS1v15())
    )
