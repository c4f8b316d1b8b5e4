"""A test certificate authority of our own, and server certificates that are right or wrong on purpose."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Issued:
    """One server certificate with its key, in a PEM file; `digest` is its SHA-256 (channel binding)."""

    path: Path
    digest: bytes

    def context(self) -> ssl.SSLContext:
        """A server's TLS context, TLS 1.2 or newer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.path)
        return context


class TestAuthority:
    """A private CA in a folder. `bundle` is the PEM file that clients trust. `now` is real time: TLS knows no other."""

    __test__ = False  # not a class of tests

    def __init__(self, folder: Path, now: datetime, name: str = "Simulator CA") -> None:
        self._folder, self._now = folder, now
        self._key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self._certificate = (
            self._builder(_name(name), self._key.public_key(), now - _DAY, now + 30 * _DAY, _name(name))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.bundle = folder / f"{name.replace(' ', '-').lower()}.pem"
        self.bundle.write_bytes(_pem(self._certificate))

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime, issuer: x509.Name
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )

    def issue(self, host: str, *, expired: bool = False) -> Issued:
        """A certificate for one host name."""
        key = ec.generate_private_key(ec.SECP256R1())
        end = self._now - timedelta(hours=1) if expired else self._now + 7 * _DAY
        certificate = (
            self._builder(_name(host), key.public_key(), self._now - _DAY, end, self._certificate.subject)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self._folder / f"{host}-{certificate.serial_number:x}.pem"
        path.write_bytes(private + _pem(certificate))
        path.chmod(0o600)
        return Issued(path, sha256(certificate.public_bytes(serialization.Encoding.DER)).digest())
