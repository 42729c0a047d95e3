"""The demo identity provider: an OpenID Connect server where anybody may be one of four people.

It is built on Authlib's server side and keeps everything in memory, its signing key too, because
whom it vouches for means nothing.  The site has no special path for it.
"""

# mypy: disable-error-code="no-untyped-call, override, assignment"
# Authlib passes its own objects around without saying their types.

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Blueprint, Flask, Response, current_app, render_template, request
from joserfc.jwk import KeySet, RSAKey

PEOPLE = {
    "ada": ("Ada", "a customer who likes good boots"),
    "bela": ("Bela", "a customer who listens to friends"),
    "carl": ("Carl", "who owns the brand Berta's Boots"),
    "dora": ("Dora", "a stranger to all of them"),
}
CODE_SECONDS = 60

bp = Blueprint("provider", __name__)


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """A site that lets people sign in here; it returns to addresses of one form only."""

    client_id: str
    client_secret: str = field(repr=False)
    returns_to: re.Pattern[str]

    def get_client_id(self) -> str:
        """Return what the site calls itself."""
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return ``openid``, the only scope there is."""
        return scope if scope == "openid" else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether the address is one of the site's."""
        return self.returns_to.fullmatch(redirect_uri) is not None

    def get_default_redirect_uri(self) -> None:
        """Return nothing: the site names its address."""

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether this is the site's secret."""
        return self.client_secret == client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        """Tell whether the site may identify itself so."""
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether the site may ask so."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the site may get tokens so."""
        return grant_type == "authorization_code"


@dataclass(frozen=True, slots=True)
class Code(AuthorizationCodeMixin):
    """Somebody chose a person; a site may learn whom, once."""

    subject: str
    client_id: str
    redirect_uri: str
    nonce: str
    code_challenge: str | None
    code_challenge_method: str | None
    at: float

    def get_redirect_uri(self) -> str:
        """Return the address to which the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return ``openid``, the only scope there is."""
        return "openid"

    def get_nonce(self) -> str:
        """Return what the site wants to see again in the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Return when the person was chosen."""
        return int(self.at)

    def get_acr(self) -> None:
        """Return nothing: nobody proved anything."""

    def get_amr(self) -> None:
        """Return nothing: nobody proved anything."""


class Provider(AuthorizationServer):
    """Everything that the provider knows."""

    def __init__(self, app: Flask, issuer: str, clients: Mapping[str, Client]) -> None:
        """Begin with a key of its own and nobody signed in."""
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self.codes: dict[str, Code] = {}
        super().__init__(app, query_client=clients.get, save_token=lambda *_: None)
        self.register_grant(CodeGrant, [CodeChallenge(required=True), IdToken(self)])

    def keep(self, code: str, entry: Code) -> None:
        """Remember a code, and forget those that nobody came for."""
        late = [old for old, kept in list(self.codes.items()) if _is_late(kept)]
        for old in late:
            self.codes.pop(old, None)
        self.codes[code] = entry


class CodeGrant(grants.AuthorizationCodeGrant):
    """A site learns whom somebody chose."""

    server: Provider

    def save_authorization_code(self, code: str, request: Any) -> None:  # noqa: ANN401
        """Remember who was chosen."""
        data = request.payload.data
        self.server.keep(
            code,
            Code(
                subject=request.user,
                client_id=request.client.client_id,
                redirect_uri=request.payload.redirect_uri,
                nonce=data.get("nonce", ""),
                code_challenge=data.get("code_challenge"),
                code_challenge_method=data.get("code_challenge_method"),
                at=time.time(),
            ),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Return whom a code stands for; it is forgotten with that."""
        found = self.server.codes.pop(code, None)
        if found is None or found.client_id != client.client_id or _is_late(found):
            return None
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Do nothing: asking for the code has forgotten it."""

    def authenticate_user(self, authorization_code: Code) -> str:
        """Return the person."""
        return authorization_code.subject


class IdToken(OpenIDCode):
    """What the provider signs: this is that person, for this site, now."""

    def __init__(self, provider: Provider) -> None:
        """Sign with the provider's key; every request needs a nonce."""
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ANN401, ARG002
        """Tell whether a nonce was used before."""
        return any(kept.nonce == nonce for kept in list(self.provider.codes.values()))

    def resolve_client_private_key(self, client: Client) -> RSAKey:  # noqa: ARG002
        """Return the key to sign with."""
        return self.provider.key

    def get_encode_header(self, client: Client) -> dict[str, str]:  # noqa: ARG002
        """Return which key signs, and how."""
        return {"alg": "RS256", "kid": str(self.provider.key.kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Return who vouches, and to whom."""
        return {"iss": self.provider.issuer, "aud": [client.client_id]}

    def generate_user_info(self, user: str, scope: str) -> UserInfo:  # noqa: ARG002
        """Return who it is, and nothing else."""
        return UserInfo(sub=user)


def create_provider(issuer: str, clients: Mapping[str, str], site_url: str) -> Flask:
    """Build the provider.

    ``clients`` maps client ids to secrets; they may return to the sign-in addresses of the site
    at ``site_url`` and to no others.
    """
    app = Flask(__name__)
    returns_to = re.compile(re.escape(site_url) + r"/sign-in/[a-z][a-z0-9-]*/callback")
    known = {name: Client(name, secret, returns_to) for name, secret in clients.items()}
    app.extensions["provider"] = Provider(app, issuer, known)
    app.register_blueprint(bp)
    return app


@bp.get("/.well-known/openid-configuration")
def metadata() -> dict[str, object]:
    """Describe the provider (OpenID Connect Discovery)."""
    issuer = _provider().issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks.json",
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce"],
    }


@bp.get("/jwks.json")
def keys() -> dict[str, object]:
    """Show the key by which others check what the provider signs."""
    return dict(KeySet([_provider().key]).as_dict(private=False))


@bp.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response | tuple[str, int] | str:
    """Ask who the person wants to be, and tell the site."""
    subject = request.form.get("subject")
    chosen = subject if subject in PEOPLE else None
    try:
        grant = _provider().get_consent_grant(end_user=chosen)
        if request.method == "POST":
            answer: Response = _provider().create_authorization_response(
                grant_user=chosen, grant=grant
            )
            return answer
    except OAuth2Error as error:
        return render_template("people.html", people={}, sentence=error.description), 400
    except ValueError:  # Authlib would not repeat some characters of the request
        return render_template("people.html", people={}, sentence="It is not readable."), 400
    query = request.query_string.decode("ascii", "replace")
    return render_template("people.html", people=PEOPLE, query=query)


@bp.post("/token")
def token() -> Response:
    """Tell a site who came with a code."""
    answer: Response = _provider().create_token_response()
    return answer


def _provider() -> Provider:
    found: Provider = current_app.extensions["provider"]
    return found


def _is_late(code: Code) -> bool:
    return code.at + CODE_SECONDS < time.time()
