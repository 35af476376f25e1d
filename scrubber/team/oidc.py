"""An identity provider (OpenID Connect): authorization code with PKCE; what it vouches for is verified."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from scrubber.errors import ScrubberError

SECONDS = 10.0                 # for an answer
LEEWAY = 60                    # seconds that two clocks may differ
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPE = "openid email profile"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Untrusted(ScrubberError):
    """The provider cannot be asked, or what it says cannot be believed; the text says why, and holds no token."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for.

    Attributes:
        subject: Issuer and subject, which stay the same.
        name: As the claim of names has it, "" where there is none that can be relied on.
        roles: What the claim of roles holds; None where no such claim is asked for.
    """

    subject: str
    name: str
    roles: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Flow:
    """What is kept between asking and the answer, in a sealed cookie."""

    state: str
    nonce: str
    verifier: str
    next: str
    at: float


def new_flow(next: str, at: float) -> Flow:
    return Flow(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), next, at)


class Provider:
    """One provider.

    Args:
        issuer: Its address, as it calls itself.
        name_claim: The claim that is held against the names of users at the first log-in; `email` counts only where it
            is verified.
        role_claim: "" leaves roles to the people's page; else a claim, also one inside another: `realm_access.roles`.

    Raises:
        ScrubberError: The issuer is no address that can be trusted.
    """

    def __init__(self, issuer: str, client_id: str, secret: str, *, name_claim: str = "email",
                 role_claim: str = "") -> None:
        if not _is_safe(issuer):
            raise ScrubberError("--oidc-issuer must be an https address, as https://login.example.org/realms/work")
        self.issuer = issuer
        self.name = urlsplit(issuer).hostname or issuer
        self._client_id = client_id
        self._secret = secret
        self._name_claim = name_claim
        self._role_claim = role_claim
        self._lock = threading.Lock()
        self._told: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def address(self, flow: Flow, back: str) -> str:
        """Where a browser is sent.

        Args:
            back: Where the provider sends it back to.

        Raises:
            Untrusted: The provider cannot be asked.
        """
        digest = hashlib.sha256(flow.verifier.encode()).digest()
        asked = {"response_type": "code", "client_id": self._client_id, "redirect_uri": back, "scope": SCOPE,
                 "state": flow.state, "nonce": flow.nonce, "code_challenge_method": "S256",
                 "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}
        place = str(self._discovered()["authorization_endpoint"])
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def vouched(self, flow: Flow, code: str, back: str, now: float) -> Vouched:
        """Whom a code stands for.

        Raises:
            Untrusted: The provider does not take it, or its token cannot be believed.
        """
        told = self._discovered()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": flow.verifier}
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        login = None
        if "client_secret_basic" in methods:
            login = (httpx.QueryParams({"": self._client_id}), httpx.QueryParams({"": self._secret}))
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret}
        answer = self._asked("POST", str(told["token_endpoint"]), data=form, auth=login and (
            str(login[0])[1:], str(login[1])[1:]))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Untrusted("the identity provider gave no ID token; is the scope openid allowed for this client?")
        return self._believed(self._claims(token, flow, str(answer.get("access_token", "")), now))

    def _claims(self, token: str, flow: Flow, access: str, now: float) -> CodeIDToken:
        """The claims of an ID token.

        Raises:
            Untrusted: It is not signed by the provider, not for us, too old, or of another log-in.
        """
        try:
            try:
                read = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):                # its keys may be new ones
                read = jwt.decode(token, self._key_set(anew=True), algorithms=ALGORITHMS)
            claims = CodeIDToken(read.claims, read.header, options={
                "iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self._client_id},
            }, params={"nonce": flow.nonce, "client_id": self._client_id, "access_token": access})
            claims.validate(now=int(now), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError) as error:
            what = getattr(error, "error", "it cannot be read").replace("_", " ")
            claim = getattr(error, "claim", "")
            raise Untrusted("the ID token of the identity provider cannot be believed: "
                            f"{what}{f' {claim}' if claim else ''}") from None
        return claims

    def _believed(self, claims: Mapping[str, Any]) -> Vouched:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject or len(self.issuer) + len(subject) > 399:
            raise Untrusted("the ID token of the identity provider names no subject")
        name = _inside(claims, self._name_claim)
        if self._name_claim == "email" and claims.get("email_verified") is not True:
            name = None
        roles = _inside(claims, self._role_claim) if self._role_claim else ()
        found = (roles,) if isinstance(roles, str) else tuple(map(str, roles)) if isinstance(roles, list) else ()
        return Vouched(f"{self.issuer} {subject}", name if isinstance(name, str) else "",
                       found if self._role_claim else None)

    def _discovered(self) -> Mapping[str, Any]:
        with self._lock:
            if self._told is None:
                told = self._asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if told.get("issuer") != self.issuer:
                    raise Untrusted("the identity provider calls itself by another name than --oidc-issuer; give the "
                                    "one of its /.well-known/openid-configuration, with or without the last /")
                if not all(isinstance(told.get(name), str) and _is_safe(told[name]) for name in NEEDED):
                    raise Untrusted(f"the identity provider's configuration lacks {', '.join(NEEDED)} with https")
                self._told = told
            return self._told

    def _key_set(self, *, anew: bool = False) -> KeySet:
        told = self._discovered()
        with self._lock:
            if self._keys is None or anew:
                self._keys = KeySet.import_key_set(self._asked("GET", str(told["jwks_uri"])))  # type: ignore[arg-type]
            return self._keys

    def _asked(self, method: str, address: str, **given: Any) -> dict[str, Any]:
        """What the provider answers.

        Raises:
            Untrusted: Nothing, or not what was asked for.
        """
        try:
            with httpx.Client(timeout=SECONDS) as client:
                answer = client.request(method, address, headers={"accept": "application/json"}, **given)
            said = answer.json()
        except httpx.HTTPError as error:
            raise Untrusted(f"the identity provider {self.name} cannot be reached ({type(error).__name__}); log in "
                            "with a password, or try again") from None
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise Untrusted(f"the identity provider {self.name} answers {answer.status_code} and no JSON; is "
                            "--oidc-issuer right?") from None
        if answer.status_code != 200 or not isinstance(said, dict):
            reason = said.get("error") if isinstance(said, dict) else None
            known = reason if isinstance(reason, str) and reason.replace("_", "").isalnum() else "no reason"
            raise Untrusted(f"the identity provider {self.name} answers {answer.status_code}, {known[:60]}")
        return said


def _inside(claims: Mapping[str, Any], path: str) -> Any:
    """A claim, or one inside another."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _is_safe(address: str) -> bool:
    """Whether what is asked of an address cannot be read or changed on the way."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "http" and parts.hostname == "localhost"
