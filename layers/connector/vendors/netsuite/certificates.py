"""The key and certificate that a connection signs in with.

Oracle: "Certificate Conditions" (RSA 3072 or 4096 bits, or EC; two years at most), "OAuth 2.0 Client Credentials
Setup". A certificate's id equals the SHA-256 of its DER form in base64url without padding; Oracle's own example
matches that. Heavy imports stay inside: only sign-in and the command that makes a certificate need them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

VALID = timedelta(days=730)
"""NetSuite cuts a longer validity to two years without a word."""

RSA_BITS = 3072


@dataclass(frozen=True)
class KeyAndCertificate:
    """A new private key and its self-signed certificate, both as PEM text."""

    private_key: str = field(repr=False)
    certificate: str
    certificate_id: str
    expires_at: datetime


def certificate_id(pem: str) -> str:
    """The id that NetSuite shows for an uploaded certificate. Raises ValueError when this is no certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate = x509.load_pem_x509_certificate(pem.encode())
    return base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode("ascii").rstrip("=")


def expires_at(pem: str) -> datetime:
    """When the certificate stops being accepted. Raises ValueError when this is no certificate."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def make_certificate(name: str, algorithm: str, now: datetime) -> KeyAndCertificate:
    """A key and a self-signed certificate for it: RSA for PS256, P-256 for ES256. Nothing leaves this machine."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import NameOID

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm == "ES256":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    # A day before: the clocks of two machines differ, and a certificate of tomorrow is refused.
    begins, ends = now - timedelta(days=1), now - timedelta(days=1) + VALID
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
    return KeyAndCertificate(private, pem, certificate_id(pem), certificate.not_valid_after_utc)


def key_problem(private_key: str, certificate: str, algorithm: str) -> str:
    """Why this key cannot sign in with this certificate and algorithm, in words; empty when it can."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        return "private_key is no unencrypted PEM private key"
    if algorithm == "ES256" and not (isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp256r1"):
        return "algorithm ES256 needs an EC key of the curve P-256"
    if algorithm == "PS256" and not isinstance(key, rsa.RSAPrivateKey):
        return "algorithm PS256 needs an RSA key"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size not in (3072, 4096):
        return f"the RSA key has {key.key_size} bits; NetSuite takes 3072 or 4096"
    if not certificate:
        return ""
    try:
        public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    except ValueError:
        return "certificate is no PEM certificate"
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if public.public_bytes(*form) != key.public_key().public_bytes(*form):
        return "the private key does not belong to the certificate"
    return ""
