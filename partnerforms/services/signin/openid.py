"""OpenID Connect as a client: authorization code with PKCE, and an ID token that is believed only when all is right.

Nothing a provider answers is trusted before it is checked: answers are small, quick, never a redirect, and the
issuer is exactly the one that the organization typed. These functions talk over the network: never call them in a
transaction that writes.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from urllib3.exceptions import HTTPError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_LARGEST = 256 * 1024
_PATIENCE = 5.0  # seconds for one answer, and to connect
_LEEWAY = 60  # seconds by which clocks may differ
_GOOGLE = "https://accounts.google.com"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderError(Exception):
    """The provider does not answer, or not as a provider must."""


class ForgedError(Exception):
    """What came back does not prove who signed in."""


@dataclass(frozen=True)
class Client:
    """What an organization has told us of its provider, the secret unsealed."""

    issuer: str
    client_id: str
    client_secret: str
    domain: str
    redirect_uri: str


@dataclass(frozen=True)
class Journey:
    """What we remember while somebody is at the provider's."""

    state: str
    nonce: str
    verifier: str


def check_issuer(issuer: str, loopback: bool) -> bool:
    """May this be the address of a provider? https, without query; http only on this machine and with `loopback`."""
    try:
        parts = urlsplit(issuer)
        plain = not (parts.query or parts.fragment or parts.username or parts.password) and parts.port != 0
    except ValueError:
        return False
    if not plain or not parts.hostname or not issuer.isascii() or not issuer.isprintable() or " " in issuer:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK)


def discover(issuer: str) -> Mapping[str, Any]:
    """What the provider says of itself. ProviderError when it does not answer, or speaks for another issuer."""
    with _Line() as line:
        found: Mapping[str, Any] = line.ask("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise ProviderError("issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not check_endpoint(found.get(name), issuer):
            raise ProviderError(name)
    return found


def check_endpoint(address: object, issuer: str) -> bool:
    """May we send somebody, or a secret, there? https, as the issuer is; on this machine what is on this machine."""
    if not isinstance(address, str):
        return False
    there, here = urlsplit(address), urlsplit(issuer)
    if here.scheme == "http":
        return there.scheme == "http" and there.hostname in _LOOPBACK
    return there.scheme == "https" and bool(there.hostname)


def set_out(client: Client) -> tuple[str, Journey]:
    """The address to send somebody to, and what to remember until they are back. ProviderError."""
    journey = Journey(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    found = discover(client.issuer)
    with _Line(client) as line:
        address, _ = line.create_authorization_url(
            found["authorization_endpoint"],
            state=journey.state,
            nonce=journey.nonce,
            code_verifier=journey.verifier,
        )
    return str(address), journey


def come_back(client: Client, journey: Journey, code: str, now: datetime) -> str:
    """The provider's own name for who has signed in there. ProviderError, or ForgedError when it is not proved."""
    found = discover(client.issuer)
    with _Line(client, _ways_to_prove(found)) as line:
        try:
            answer = line.fetch_token(
                found["token_endpoint"],
                code=code,
                code_verifier=journey.verifier,
                grant_type="authorization_code",
                redirect_uri=client.redirect_uri,
            )
        except (AuthlibBaseError, requests.RequestException, ValueError, TypeError, KeyError) as error:
            raise ProviderError("token") from error
        keys = line.ask("GET", found["jwks_uri"])
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise ForgedError("no ID token")
    return subject_of(token, keys, client, journey.nonce, now)


def subject_of(token: str, keys: Mapping[str, Any], client: Client, nonce: str, now: datetime) -> str:
    """Whom an ID token names. ForgedError unless signature, issuer, audience, time and nonce are all right."""
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": client.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]  # a mapping that was read from JSON
        rules.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForgedError(type(error).__name__) from error
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client.client_id:
        raise ForgedError("for somebody else as well")
    if not isinstance(claims["nonce"], str) or not claims["sub"].strip() or len(claims["sub"]) > 255:
        raise ForgedError("sub")
    if client.issuer == _GOOGLE and claims.get("hd") != client.domain:
        raise ForgedError("hd")  # Google signs in everybody; only this names the organization
    return str(claims["sub"])


def _ways_to_prove(found: Mapping[str, Any]) -> str:
    ways = found.get("token_endpoint_auth_methods_supported")
    if isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways:
        return "client_secret_post"
    return "client_secret_basic"


class _Line(OAuth2Session):  # type: ignore[misc]  # Authlib has no types
    """A connection to a provider: short of patience, for small answers, following no redirect."""

    def __init__(self, client: Client | None = None, way: str = "client_secret_basic") -> None:
        super().__init__(
            client.client_id if client else None,
            client.client_secret if client else None,
            token_endpoint_auth_method=way,
            scope="openid",
            redirect_uri=client.redirect_uri if client else None,
            code_challenge_method="S256",
        )
        self.headers["Accept-Encoding"] = "identity"

    def ask(self, method: str, address: str) -> Mapping[str, Any]:
        """The JSON object at an address. ProviderError when there is none."""
        try:
            response = self.request(method, address, withhold_token=True)
            found = response.json() if response.status_code == 200 else None
        except (requests.RequestException, ValueError, RecursionError) as error:
            raise ProviderError(type(error).__name__) from error
        if not isinstance(found, dict):
            raise ProviderError("no document")
        return found

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> requests.Response:
        options |= {"allow_redirects": False, "timeout": _PATIENCE, "stream": True}
        until = time.monotonic() + _PATIENCE
        response: requests.Response = super().request(method, url, *arguments, **options)
        content = b""
        try:
            while piece := response.raw.read1(8192):
                content += piece
                if len(content) > _LARGEST or time.monotonic() > until:
                    raise requests.RequestException("too much, or too slow")
        except (HTTPError, OSError) as error:
            raise requests.RequestException(type(error).__name__) from error
        finally:
            response.close()
        if response.is_redirect:
            raise requests.RequestException("a redirect")
        response._content = content
        return response
