"""What programs find under ``/.well-known/``."""

from flask import Blueprint, Flask, Response

from server.services import clients, privacy
from server.web.authorization import AUTHORIZE, REVOKE, TOKEN
from server.web.database import settings
from server.web.oauth.records import PUBLIC_METHODS, SECRET_METHODS

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
