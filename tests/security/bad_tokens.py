"""Tokens that no verifier may accept: forged, of another kind, for somebody else, or out of time (RFC 8725)."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

Sign = Callable[[bytes], bytes]
MEGABYTE = 1024 * 1024
LEFT_OUT = object()
SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class Kind:
    """A kind of token: how a good one looks and how it is signed."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    sign: Sign
    """Signs with the key that the verifier trusts."""
    forge: Sign
    """Signs with an attacker's key."""
    public_keys: Mapping[str, bytes]
    """The trusted public key in the forms that are mistaken for a shared secret."""
    attackers_jwk: Mapping[str, Any]
    other_types: tuple[str, ...]
    extra_claims: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further claims that this kind refuses, by name."""

    def good(self) -> str:
        """Return a token that the verifier accepts."""
        return self.token()

    def token(
        self, header: Mapping[str, Any] | None = None, claims: Mapping[str, Any] | None = None, sign: Sign | None = None
    ) -> str:
        """Return a token with other fields; a value of LEFT_OUT removes one."""
        head, body = merged(self.header, header or {}), merged(self.claims, claims or {})
        return compact(head, body, sign or self.sign)


def bad_tokens(kind: Kind) -> dict[str, str]:
    """Return the tokens by name."""
    return {
        **_malformed(kind),
        **_wrong_algorithms(kind),
        **_wrong_headers(kind),
        **_wrong_signatures(kind),
        **_wrong_claims(kind),
    }


def merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with changes; those that are LEFT_OUT are removed."""
    return {name: value for name, value in {**values, **changes}.items() if value is not LEFT_OUT}


def compact(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Sign) -> str:
    """Return a JWT in the compact form."""
    signed = f"{_part(orjson.dumps(header))}.{_part(orjson.dumps(claims))}"
    return f"{signed}.{_part(sign(signed.encode()))}"


def _malformed(kind: Kind) -> dict[str, str]:
    good = kind.good()
    head, body, signature = good.split(".")
    general = {"payload": body, "signatures": [{"protected": head, "signature": signature}]}
    nested = "[" * 50_000 + "]" * 50_000
    return {
        "nothing but dots": "..",
        "no token at all": "null",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.{signature}",
        "five parts as of an encrypted token": f"{head}..{body}.{signature}.{signature}",
        "a megabyte of claims": kind.token(claims={"name": "n" * MEGABYTE}),
        "a megabyte of nothing": "a" * MEGABYTE,
        "deeply nested claims": f"{head}.{_part(nested.encode())}.{signature}",
        "claims that are a list": f"{head}.{_part(b'[]')}.{signature}",
        "general JSON": orjson.dumps(general).decode(),
        "general JSON without signatures": orjson.dumps({**general, "signatures": []}).decode(),
        "flattened JSON": orjson.dumps({"payload": body, "protected": head, "signature": signature}).decode(),
        "padded base64": f"{head}=.{body}=.{signature}==",
        "blanks around it": f" {good} ",
        "a second scheme before it": f"Bearer {good}",
    }


def _wrong_algorithms(kind: Kind) -> dict[str, str]:
    def hashed(secret: bytes) -> Sign:
        return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()

    unsigned: Sign = lambda _signed: b""  # noqa: E731
    tokens = {
        f"alg {name}, unsigned": kind.token({"alg": name}, sign=unsigned) for name in ("none", "None", "nOnE", "")
    }
    tokens["alg none with our signature"] = kind.token({"alg": "none"})
    tokens["no alg"] = kind.token({"alg": LEFT_OUT})
    tokens["HS256 with an empty secret"] = kind.token({"alg": "HS256"}, sign=hashed(b""))
    for form, key in kind.public_keys.items():
        tokens[f"HS256 with the public key as {form}"] = kind.token({"alg": "HS256"}, sign=hashed(key))
    for name in ("RS256", "ES384", "EdDSA", "PS256", "dir"):
        tokens[f"alg {name} with our signature"] = kind.token({"alg": name})
    return tokens


def _wrong_headers(kind: Kind) -> dict[str, str]:
    forged, url = kind.forge, "https://attacker.example/keys.json"
    kids = {
        "of nobody": "nobody",
        "with a path": "../../../../dev/null",
        "with SQL": "x' union select 'secret' --",
        "that is a number": 7,
        "that is a list": [kind.header["kid"]],
        "that is missing": LEFT_OUT,
        "that is empty": "",
    }
    tokens = {f"a kid {what}": kind.token({"kid": kid}) for what, kid in kids.items()}
    for name, value in {
        "jku": url,
        "x5u": url,
        "jwk": dict(kind.attackers_jwk),
        "x5c": ["MIIB"],
        "b64": False,
        "zip": "DEF",
        "cty": "JWT",
    }.items():
        tokens[f"{name} in the header, another's signature"] = kind.token({name: value}, sign=forged)
        tokens[f"{name} in the header, our signature"] = kind.token({name: value})
    tokens["crit of an unknown extension"] = kind.token({"crit": ["exp2"], "exp2": 1})
    tokens["crit with b64"] = kind.token({"crit": ["b64"], "b64": False})
    tokens["crit that is empty"] = kind.token({"crit": []})
    tokens["no typ"] = kind.token({"typ": LEFT_OUT})
    for name in kind.other_types:
        tokens[f"typ {name}"] = kind.token({"typ": name})
    return tokens


def _wrong_signatures(kind: Kind) -> dict[str, str]:
    good = kind.good()
    head, body, signature = good.split(".")
    other = _part(orjson.dumps({**kind.claims, "role": "admin", "company_id": 2}))
    return {
        "another's key": kind.token(sign=kind.forge),
        "no signature": f"{head}.{body}.",
        "a signature of zeros": f"{head}.{body}.{_part(bytes(SIGNATURE_BYTES))}",
        "a signature cut short": f"{head}.{body}.{signature[:-4]}",
        "a signature that is too long": f"{head}.{body}.{signature}AAAA",
        "claims of another company under our signature": f"{head}.{other}.{signature}",
        "a signature of other claims": f"{head}.{body}.{kind.token(claims={'name': 'x'}).rpartition('.')[2]}",
    }


def _wrong_claims(kind: Kind) -> dict[str, str]:
    now, ours = int(time.time()), kind.claims["aud"]
    lifetime = kind.claims["exp"] - kind.claims["iat"]
    wrong: dict[str, Mapping[str, Any]] = {
        "another audience": {"aud": "another-service"},
        "a list of audiences with ours in it": {"aud": [ours, "another-service"]},
        "no audience": {"aud": LEFT_OUT},
        "another issuer": {"iss": "https://attacker.example"},
        "no issuer": {"iss": LEFT_OUT},
        "expired": {"iat": now - lifetime - 60, "exp": now - 60},
        "no end": {"exp": LEFT_OUT},
        "an end that is text": {"exp": str(now + 30)},
        "an end with a fraction": {"exp": now + 30.5},
        "too long a life": {"exp": now + 10 * lifetime},
        "not yet issued": {"iat": now + 60, "exp": now + 60 + lifetime},
        "not valid before tomorrow": {"nbf": now + 86_400},
        "a beginning that is text": {"nbf": "tomorrow"},
        "no company": {"company_id": LEFT_OUT},
        "a company that is text": {"company_id": "1"},
        "company zero": {"company_id": 0},
        "a company that is true": {"company_id": True},
        "a list of companies": {"company_id": [1, 2]},
        "an unknown role": {"role": "root"},
        "a list of roles": {"role": ["admin"]},
        "no role": {"role": LEFT_OUT},
        "no subject": {"sub": LEFT_OUT},
        "an empty subject": {"sub": ""},
        "a subject that is a number": {"sub": 7},
        "an identity token": {
            "aud": "client", "nonce": "n", "company_id": LEFT_OUT, "role": LEFT_OUT, "email": "a@example.org",
        },
        **kind.extra_claims,
    }  # fmt: skip
    return {name: kind.token(claims=claims) for name, claims in wrong.items()}


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
