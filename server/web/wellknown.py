"""What programs find under ``/.well-known/``."""

import json

from flask import Blueprint, Flask, Response, request

from server.services import clients, privacy, signing_keys
from server.web.authorization import AUTHORIZE, REVOKE, TOKEN
from server.web.database import reading, settings
from server.web.oauth.records import PUBLIC_METHODS, SECRET_METHODS

KEYS_KEPT_SECONDS = 300
"""How long others may use the keys without asking again; a new key is looked for by its name."""

bp = Blueprint("wellknown", __name__)


def init_app(app: Flask) -> None:
    """Add the documents."""
    app.register_blueprint(bp)


@bp.get("/.well-known/oauth-authorization-server")
def authorization_server() -> dict[str, object]:
    """Describe the authorization server (RFC 8414)."""
    issuer = settings().site_url
    methods = [*PUBLIC_METHODS, *SECRET_METHODS]
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE,
        "token_endpoint": issuer + TOKEN,
        "revocation_endpoint": issuer + REVOKE,
        "scopes_supported": [*clients.APP_SCOPES, *clients.PARTNER_SCOPES],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{issuer}/docs",
    }


@bp.get(privacy.PATH)
def global_privacy_control() -> Response:
    """Say that we honour Global Privacy Control."""
    response = Response(privacy.WRITTEN, content_type="application/json")
    response.cache_control.public = True
    response.cache_control.max_age = 86_400
    return response


@bp.get("/.well-known/jwks.json")
def keys() -> Response:
    """Publish the public half of every key that ever signed a receipt (RFC 7517)."""
    with reading() as db:
        found = signing_keys.published(db)
    response = Response(json.dumps({"keys": found}), content_type="application/jwk-set+json")
    response.add_etag()
    response.cache_control.public = True
    response.cache_control.max_age = KEYS_KEPT_SECONDS
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.make_conditional(request)
    return response
