"""The two kinds of tokens, for the corpus of `tests.security.bad_tokens`."""

import base64
import time
from typing import Any

from auth_service.adapters.access_tokens import new_private_jwk, public_jwk
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey
from service_kit.identity import access_tokens, tokens
from service_kit.service_settings import GATEWAY, development_signing_key

from tests.security.bad_tokens import Kind, Sign


def internal_kind(audience: str) -> Kind:
    """Return the internal tokens of development mode's gateway for a service."""
    trusted, attacker = _ed25519(development_signing_key(GATEWAY)), _ed25519(development_signing_key("attacker"))
    now = int(time.time())
    return Kind(
        header={"alg": tokens.ALGORITHM, "typ": tokens.TOKEN_TYPE, "kid": GATEWAY},
        claims={
            "iss": GATEWAY, "aud": audience, "iat": now, "exp": now + 60, "sub": "user:7", "company_id": 1,
            "role": "admin", "name": "Ann",
        },
        sign=trusted.sign,
        forge=attacker.sign,
        public_keys=_forms(trusted) | {"base64": tokens.public_key(development_signing_key(GATEWAY)).encode()},
        attackers_jwk={"kty": "OKP", "crv": "Ed25519", "x": _base64url(attacker.public_key().public_bytes_raw())},
        other_types=("JWT", "at+jwt", "internal+JWT", "application/internal+jwt"),
        extra_claims={
            "scopes that are text": {"scopes": "tickets:read"},
            "the issuer of a neighbour": {"iss": "routing-service"},
        },
    )  # fmt: skip


def access_kind(private: dict[str, Any] | None = None) -> tuple[Kind, dict[str, Any]]:
    """Return the access tokens of a key and the set of its public key."""
    made, other = private or new_private_jwk(), new_private_jwk()
    trusted, attacker = ECKey.import_key(made).private_key, ECKey.import_key(other).private_key
    assert trusted is not None
    assert attacker is not None
    now = int(time.time())
    kind = Kind(
        header={"alg": access_tokens.ALGORITHM, "typ": access_tokens.TOKEN_TYPE, "kid": made["kid"]},
        claims={
            "iss": access_tokens.DEFAULT_ISSUER, "aud": access_tokens.AUDIENCE, "iat": now, "exp": now + 900,
            "sub": "user:7", "sid": "s", "jti": "j", "company_id": 1, "role": "admin", "name": "Ann",
        },
        sign=_es256(trusted),
        forge=_es256(attacker),
        public_keys=_forms(trusted),
        attackers_jwk=public_jwk(other),
        other_types=("JWT", "internal+jwt", "id_token", "AT+JWT"),
        extra_claims={
            "the role of a service": {"role": "service"},
            "no session": {"sid": ""},
            "no id": {"jti": 5},
            "no name": {"name": None},
        },
    )  # fmt: skip
    return kind, {"keys": [public_jwk(made)]}


def _ed25519(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))


def _es256(key: EllipticCurvePrivateKey) -> Sign:
    def sign(signed: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(signed, ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def _forms(key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> dict[str, bytes]:
    public = key.public_key()
    return {
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    }


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
