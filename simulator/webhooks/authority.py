"""Certify the key that notices are signed with: a root of our own that bears Microsoft's name."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from simulator.world import World

ANCHOR = "anchor"
GENUINE = "webhooks"
IMPOSTOR = "impostor"
EXPIRED = "expired"
NAMES = (GENUINE, IMPOSTOR, EXPIRED)
_DAY = timedelta(days=1)
_YEARS = timedelta(days=3650)


@dataclass(frozen=True)
class Identity:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def sign(self, content: bytes) -> bytes:
        return self.key.sign(content, padding.PKCS1v15(), hashes.SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def to_text(self) -> str:
        form = serialization.PrivateFormat.PKCS8
        plain = serialization.NoEncryption()
        key = self.key.private_bytes(serialization.Encoding.PEM, form, plain)
        return key.decode() + self.pem

    @classmethod
    def from_text(cls, text: str) -> Self:
        key = serialization.load_pem_private_key(text.encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the state file holds a key that is not RSA")
        certificate = text[text.index("-----BEGIN CERTIFICATE") :]
        return cls(key, x509.load_pem_x509_certificate(certificate.encode()))


def identity(world: "World", name: str) -> Identity:
    """Made when first needed, and kept with the world: an anchor outlives a restart."""
    if name not in world.certificates:
        world.certificates[name] = _made()[name]
    return _read(world.certificates[name])


@cache
def _read(text: str) -> Identity:
    return Identity.from_text(text)


@cache
def _made() -> dict[str, str]:
    """One family per process: making keys is slow."""
    now = datetime.now(UTC)
    root, false_root = _root(now), _root(now)
    family = {
        ANCHOR: root,
        GENUINE: _leaf(root, now - _DAY, now + _YEARS),
        IMPOSTOR: _leaf(false_root, now - _DAY, now + _YEARS),
        EXPIRED: _leaf(root, now - 3 * _DAY, now - _DAY),
    }
    return {name: one.to_text() for name, one in family.items()}


def _root(now: datetime) -> Identity:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = _name("Simulated Root of Partner Center")
    builder = _builder(name, name, key, now - 3 * _DAY, now + 2 * _YEARS)
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_subject_key(key), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Identity(key, certificate)


def _leaf(root: Identity, since: datetime, until: datetime) -> Identity:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    host = "pcnotifications-dispatch.microsoft.com"
    builder = _builder(_name(host), root.certificate.subject, key, since, until)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(names, critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(_subject_key(key), critical=False)
        .sign(root.key, hashes.SHA256())
    )
    return Identity(key, certificate)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Microsoft Corporation"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _subject_key(key: rsa.RSAPrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
