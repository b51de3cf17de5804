"""A small OpenID provider that signs whatever a test tells it to, and behaves as badly as it is told."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "ours"})
CLIENT = "the client"


class Forger:
    """The provider. `token` makes the ID token out of the right claims; `documents` replaces answers by path."""

    def __init__(self) -> None:
        self.issuer = ""
        self.asked: dict[str, str] = {}
        self.subject = "user-1"
        self.token: Callable[[dict[str, Any]], str] = sign
        self.documents: dict[str, Callable[[], Response]] = {}
        self.seen: list[dict[str, str]] = []

    def visit(self, address: str) -> str:
        """What happens when somebody signs in at the provider: the path on which they come back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert self.asked["response_type"] == "code"
        assert self.asked["code_challenge_method"] == "S256"
        return f"/sign-in/back?code=a-code&state={self.asked['state']}"

    def claims(self) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": self.asked.get("nonce", ""),
        }

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path in self.documents:
            return self.documents[request.path]()
        match request.path:
            case "/.well-known/openid-configuration":
                return answer(self.discovery())
            case "/keys":
                return answer({"keys": [KEY.as_dict(private=False)]})
            case "/token":
                form = {name: request.form[name] for name in request.form}
                self.seen.append(form | {"authorization": request.headers.get("Authorization", "")})
                hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
                assert _encoded(hashed) == self.asked["code_challenge"], "PKCE"
                token = self.token(self.claims())
                return answer({"access_token": "x", "token_type": "Bearer", "id_token": token})
        return Response("nothing", 404)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }


def answer(found: Any) -> Response:
    return Response(json.dumps(found), mimetype="application/json")


def sign(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, KEY)


def sign_with_another_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, OTHER_KEY)


def sign_with_the_public_key(claims: dict[str, Any]) -> str:
    """The old trick: the public key, which everybody has, taken for a shared secret."""
    said = f"{_part({'alg': 'HS256', 'kid': 'ours'})}.{_part(claims)}"
    return f"{said}.{_encoded(hmac.digest(KEY.as_pem(private=False), said.encode(), 'sha256'))}"


def sign_not_at_all(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'kid': 'ours'})}.{_part(claims)}."


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def running(app: Any) -> Iterator[str]:
    """The address of an application while it runs on this machine."""
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
