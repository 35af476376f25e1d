"""An identity provider (OpenID Connect) as a process of its own: discovery, code with PKCE, signed ID tokens.

It logs in whoever comes, as the person that its `/person` was told last. `twist` makes it misbehave.
"""

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey
from processes import inherited

CLIENT, SECRET = "scrubber-test", "a secret: with %signs+"
REALM = "/realms/north"


@dataclass
class Peer:
    """A provider that runs.

    Attributes:
        issuer: As it calls itself.
    """

    issuer: str

    def person(self, **claims: Any) -> None:
        """Who logs in from now on: the claims, and `twist`."""
        httpx.post(f"{self.issuer}/person", json=claims).raise_for_status()


@contextmanager
def provider() -> Iterator[Peer]:
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True, env=inherited())
    assert process.stdout is not None
    try:
        yield Peer(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(30)


class State:
    """What the provider knows."""

    def __init__(self) -> None:
        self.issuer = ""
        self.person: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.keys = [RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)]

    def token(self, asked: dict[str, str]) -> str:
        """An ID token for who logged in; twisted where that was asked for."""
        claims = dict(self.person)
        twist = claims.pop("twist", "")
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **claims}
        if twist == "iss":
            claims["iss"] = "https://login.example.org"
        if twist == "aud":
            claims["aud"] = "somebody else"
        if twist == "exp":
            claims |= {"iat": now - 7200, "exp": now - 3600}
        if twist == "nonce":
            claims["nonce"] = "of another log-in"
        if twist == "no exp":
            del claims["exp"]
        if twist == "new key":
            self.keys = [RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)]
        key = self.keys[0]
        header = {"alg": "RS256", "kid": key.kid}
        if twist == "signature":
            key = RSAKey.generate_key(2048)
        if twist == "none":
            parts = [json.dumps({"alg": "none"}), json.dumps(claims)]
            return ".".join(base64.urlsafe_b64encode(each.encode()).rstrip(b"=").decode() for each in parts) + "."
        return jwt.encode(header, claims, key)


class Answers(BaseHTTPRequestHandler):
    state = State()

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path == f"{REALM}/.well-known/openid-configuration":
            issuer = self.state.issuer
            self._say(200, {"issuer": issuer, "authorization_endpoint": f"{issuer}/auth",
                            "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys",
                            "token_endpoint_auth_methods_supported": ["client_secret_basic"]})
        elif path.path == f"{REALM}/keys":
            self._say(200, {"keys": [key.as_dict(private=False) for key in self.state.keys]})
        elif path.path == f"{REALM}/auth":
            self._authorize({name: values[0] for name, values in parse_qs(path.query).items()})
        else:
            self._say(404, {"error": "not_found"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == f"{REALM}/person":
            self.state.person = json.loads(body)
            self._say(200, {})
        elif self.path == f"{REALM}/token":
            self._token({name: values[0] for name, values in parse_qs(body).items()})

    def _authorize(self, asked: dict[str, str]) -> None:
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in wanted.items()) or "openid" not in asked["scope"].split():
            self._say(400, {"error": "invalid_request"})
            return
        if self.state.person.get("twist") == "denied":
            answer = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self.state.codes[code] = asked
            answer = {"code": code, "state": asked["state"]}
        self.send_response(302)
        self.send_header("location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.send_header("content-length", "0")
        self.end_headers()

    def _token(self, form: dict[str, str]) -> None:
        sent = base64.b64decode(self.headers.get("authorization", "Basic ").partition(" ")[2]).decode().partition(":")
        known = [parse_qs(f"x={each}")["x"][0] if each else "" for each in (sent[0], sent[2])]
        if known != [CLIENT, SECRET]:
            self._say(401, {"error": "invalid_client"})
            return
        asked = self.state.codes.pop(form.get("code", ""), None)            # a code counts once
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (asked is None or asked["redirect_uri"] != form.get("redirect_uri")
                or digest.rstrip(b"=").decode() != asked["code_challenge"]):
            self._say(400, {"error": "invalid_grant"})
            return
        self._say(200, {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer",
                        "id_token": self.state.token(asked)})

    def _say(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Answers.state.issuer = f"http://127.0.0.1:{server.server_port}{REALM}"
    print(Answers.state.issuer, flush=True)
    server.serve_forever()
