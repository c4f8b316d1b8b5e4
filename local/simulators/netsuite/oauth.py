"""OAuth 2.0 client credentials with a certificate: the set-up page, the token endpoint, and the judgement of tokens.

The vendor publishes the errors of the token endpoint for another grant; which failure of this grant gives which error
is our choice, and the one that the test vectors name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from local.simulators.base import Reply, Request, json_reply
from local.simulators.netsuite.problems import Rejection, error, invalid_login, token_error
from local.simulators.netsuite.records import Mapping, Token
from local.simulators.netsuite.world import World

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 3600
SKEW = 60
TWO_YEARS = timedelta(days=731)
_HASHES: MappingProxyType[str, hashes.HashAlgorithm] = MappingProxyType(
    {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
)
_CURVES = MappingProxyType({"256": ("secp256r1", 32), "384": ("secp384r1", 48), "512": ("secp521r1", 66)})


def host_of(account: str) -> str:
    """The host form of an account id."""
    return account.lower().replace("_", "-")


def certificate_id(certificate: x509.Certificate) -> str:
    """base64url of the SHA-256 of the DER form, without padding."""
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def upload(world: World, client_id: str, pem: str, role: str = "connector", entity: str = "-5") -> Mapping:
    """What the administrator does: maps a certificate. ValueError for a key or a form that the page refuses."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in (3072, 4096):
            raise ValueError(f"an RSA key has 3072 or 4096 bits, not {key.key_size}")
    elif not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(
        key.curve, (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
    ):
        raise ValueError("a certificate has an RSA key, or an EC key on P-256, P-384 or P-521")
    start = certificate.not_valid_before_utc
    end = min(certificate.not_valid_after_utc, start + TWO_YEARS)  # a longer one is cut without a word
    made = Mapping(client_id, certificate_id(certificate), pem, start, end, role, entity)
    if any(each.certificate_id == made.certificate_id and not each.revoked for each in world.mappings):
        raise ValueError("this certificate is mapped already: one certificate serves one combination")
    world.mappings.append(made)
    return made


def _decode(part: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", part):
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _verify(pem: str, algorithm: str, signed: bytes, signature: bytes) -> bool:
    """Whether the signature is the certificate's: PSS with a salt as long as the hash, or raw R || S."""
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    size = algorithm[2:]
    try:
        if algorithm.startswith("PS") and isinstance(key, rsa.RSAPublicKey):
            salted = padding.PSS(mgf=padding.MGF1(_HASHES[size]), salt_length=_HASHES[size].digest_size)
            key.verify(signature, signed, salted, _HASHES[size])
            return True
        if algorithm.startswith("ES") and isinstance(key, ec.EllipticCurvePublicKey):
            curve, width = _CURVES[size]
            if key.curve.name != curve or len(signature) != 2 * width:
                return False
            numbers = (int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big"))
            key.verify(encode_dss_signature(*numbers), signed, ec.ECDSA(_HASHES[size]))
            return True
    except InvalidSignature:
        return False
    return False


class TokenServer:
    """The token endpoint of one account. `audiences`: further URLs that are this endpoint's own (a local server)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.audiences = {f"https://{host_of(world.account)}.suitetalk.api.netsuite.com{TOKEN_PATH}"}

    def _refuse(self, status: int, name: str) -> Rejection:
        self._world.counters.refused_tokens += 1
        return token_error(status, name, self._world.account)

    def handle(self, request: Request) -> Reply:
        """Answers one request to the token endpoint."""
        if request.method != "POST":
            raise Rejection(error(405, "INVALID_REQUEST", "Method not allowed."))
        kind = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        form = dict(pairs)
        if kind != "application/x-www-form-urlencoded" or len(form) != len(pairs):
            raise self._refuse(400, "invalid_request")
        if form.get("grant_type", "client_credentials") != "client_credentials":
            raise self._refuse(400, "unsupported_grant_type")
        if set(form) != {"grant_type", "client_assertion_type", "client_assertion"}:
            raise self._refuse(400, "invalid_request")
        if form["client_assertion_type"] != ASSERTION_TYPE or request.header("Authorization") is not None:
            raise self._refuse(400, "invalid_request")
        return self._issue(self._judge(form["client_assertion"], self._own_urls(request)))

    def _own_urls(self, request: Request) -> set[str]:
        """The URL that this endpoint answers on; on loopback that is the one that was called."""
        host = request.header("Host") or ""
        local = re.fullmatch(r"(127\.0\.0\.1|localhost)(:\d+)?", host)
        return self.audiences | ({f"http://{host}{TOKEN_PATH}"} if local else set())

    def _parts(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
        try:
            head, claims, signature = assertion.split(".")
            read = json.loads(_decode(head)), json.loads(_decode(claims)), _decode(signature)
        except (ValueError, binascii.Error) as problem:
            raise self._refuse(400, "invalid_request") from problem
        parsed: list[Any] = list(read[:2])
        if not all(isinstance(each, dict) for each in parsed):
            raise self._refuse(400, "invalid_request")
        return parsed[0], parsed[1], read[2]

    def _judge(self, assertion: str, own_urls: set[str]) -> Mapping:
        """The mapping that an assertion proves."""
        head, claims, signature = self._parts(assertion)
        algorithm = head.get("alg")
        if algorithm not in ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512") or head.get("typ") != "JWT":
            raise self._refuse(400, "invalid_request")
        now = self._world.now()
        found = next((each for each in self._world.mappings if each.certificate_id == head.get("kid")), None)
        if found is None or found.revoked or not found.not_before <= now < found.not_after:
            raise self._refuse(401, "invalid_client")
        signed = assertion.rpartition(".")[0].encode()
        if not _verify(found.pem, algorithm, signed, signature) or claims.get("iss") != found.client_id:
            raise self._refuse(401, "invalid_client")
        self._judge_claims(claims, own_urls, now)
        return found

    def _judge_claims(self, claims: dict[str, Any], own_urls: set[str], now: datetime) -> None:
        issued, ends, present = claims.get("iat"), claims.get("exp"), now.timestamp()
        if type(issued) is not int or type(ends) is not int or claims.get("aud") not in own_urls:
            raise self._refuse(400, "invalid_grant")
        if ends - issued > LONGEST or ends <= present or issued > present + SKEW or ends <= issued:
            raise self._refuse(400, "invalid_grant")
        if ends - issued == LONGEST:
            self._world.warnings.append("token: an assertion that lives exactly 60 minutes; it must live less")
        scope = claims.get("scope")
        names = [scope] if isinstance(scope, str) else scope
        if not isinstance(names, list) or "rest_webservices" not in names:
            raise self._refuse(400, "invalid_scope")
        if set(names) - {"rest_webservices", "restlets", "suite_analytics"}:
            raise self._refuse(400, "invalid_scope")

    def _issue(self, mapping: Mapping) -> Reply:
        world = self._world
        world.counters.tokens += 1
        digest = hashlib.sha256(
            f"{world.account}/{mapping.certificate_id}/{world.counters.tokens}".encode()
        ).hexdigest()
        token = f"eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzI1NiJ9.{digest}.{digest[::-1]}"  # opaque to callers
        seconds = world.switches.token_seconds
        world.tokens[token] = Token(mapping.client_id, mapping.certificate_id, world.now() + timedelta(seconds=seconds))
        lives: Any = str(seconds) if world.switches.expires_in_as_text else seconds
        return json_reply(200, {"access_token": token, "expires_in": lives, "token_type": "Bearer"})


def identify(world: World, request: Request) -> Token:
    """The token of a call. A malformed header is 400, an unknown, expired or revoked token 401."""
    given = request.header("Authorization")
    scheme, _, text = (given or "").partition(" ")
    if given is None:
        raise Rejection(invalid_login(world.account))
    if scheme != "Bearer" or not text.strip():
        raise token_error(400, "invalid_request", world.account)
    token = world.tokens.get(text.strip())
    alive = {each.certificate_id for each in world.mappings if not each.revoked}
    if token is None or token.expires <= world.now() or token.certificate_id not in alive:
        raise Rejection(invalid_login(world.account))
    return token


def expire_all(world: World) -> int:
    """Ends every token; answers how many were alive."""
    now = world.now().astimezone(UTC)
    alive = [text for text, token in world.tokens.items() if token.expires > now]
    for text in alive:
        world.tokens[text] = Token(world.tokens[text].client_id, world.tokens[text].certificate_id, now)
    return len(alive)
