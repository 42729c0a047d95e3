"""Connect OAuth: the page on which a merchant says yes, the token, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.stripe_server import accounts
from tests.stripe_server.refusals import OAuthRefused, Refused
from tests.stripe_server.routes import PERMISSIONS
from tests.stripe_server.world import Account, Key, Thing, World, hidden, new_id

CODE_SECONDS = 5 * 60
READ_ONLY = frozenset(name for name in PERMISSIONS if name.endswith("_read"))


@dataclass
class Granted:
    """An authorization code that was given out."""

    account_id: str
    scope: str
    until: int
    used: bool = False


@dataclass
class Connect:
    """The platform's application, and who stands before its page."""

    platform: Account
    client_id: str
    redirect_uris: list[str] = field(default_factory=list)
    visitor: str | None = None
    """The account of the merchant who is signed in at Stripe."""
    agrees: bool = True
    codes: dict[str, Granted] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)


def authorize(world: World, connect: Connect, query: Mapping[str, str]) -> str:
    """Return where the page sends the merchant once they have answered."""
    if query.get("client_id") != connect.client_id:
        raise OAuthRefused("invalid_client", f"No application matches {query.get('client_id')!r}")
    uri = query.get("redirect_uri", next(iter(connect.redirect_uris), ""))
    if uri not in connect.redirect_uris:
        raise OAuthRefused(
            "invalid_redirect_uri",
            f"Invalid redirect URI '{uri}'. Ensure this uri exactly matches one of the uris "
            "specified in your application settings.",
        )
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(_answer(world, connect, query))}"


def _answer(world: World, connect: Connect, query: Mapping[str, str]) -> Thing:
    state = {"state": query["state"]} if "state" in query else {}
    scope = query.get("scope", "read_only")
    if query.get("response_type") != "code":
        return {"error": "unsupported_response_type", **_told("response_type", "code"), **state}
    if scope not in {"read_only", "read_write"}:
        return {"error": "invalid_scope", **_told("scope", "read_only or read_write"), **state}
    if not connect.agrees or connect.visitor is None:
        return {
            "error": "access_denied",
            "error_description": "The user denied your request",
            **state,
        }
    code = new_id("ac_", 32)
    connect.codes[code] = Granted(connect.visitor, scope, world.now + CODE_SECONDS)
    return {"scope": scope, "code": code, **state}


def _told(name: str, wanted: str) -> Thing:
    return {"error_description": f"{name} must be {wanted}"}


def token(world: World, connect: Connect, key: Key, form: Thing) -> Thing:
    """Exchange a code or a refresh token for a key of the connected account."""
    _is_platform(connect, key)
    if form["grant_type"] == "refresh_token":
        account = world.accounts[_refreshed(connect, str(form.get("refresh_token", "")))]
        return _token(world, connect, account, "read_write")
    code = str(form.get("code", ""))
    granted = connect.codes.get(code)
    if granted is None or granted.until < world.now:
        raise OAuthRefused("invalid_grant", f"Authorization code does not exist: {code}")
    if granted.used:
        _disconnect(world, connect, world.accounts[granted.account_id])
        raise OAuthRefused(
            "invalid_grant",
            "This authorization code has already been used. All tokens issued with this code have "
            "been revoked.",
        )
    granted.used = True
    account = world.accounts[granted.account_id]
    if connect.client_id not in account.platforms:
        account.platforms.add(connect.client_id)
        world.emit(account, "account.application.authorized", application(connect))
    return _token(world, connect, account, granted.scope)


def _refreshed(connect: Connect, refresh_token: str) -> str:
    try:
        return connect.refresh_tokens[refresh_token]
    except KeyError:
        raise OAuthRefused("invalid_grant", "Refresh token does not exist") from None


def _token(world: World, connect: Connect, account: Account, scope: str) -> Thing:
    refresh = new_id("rt_", 40)
    connect.refresh_tokens[refresh] = account.id
    return {
        "access_token": accounts.give_key(
            world,
            account,
            permissions=None if scope == "read_write" else READ_ONLY,
            client_id=connect.client_id,
        ),
        "livemode": False,
        "refresh_token": refresh,
        "scope": scope,
        "stripe_publishable_key": new_id(f"pk_test_51{account.id[6:]}", 60),
        "stripe_user_id": account.id,
        "token_type": "bearer",
    }


def deauthorize(world: World, connect: Connect, key: Key, form: Thing) -> Thing:
    """Let the platform give up an account."""
    _is_platform(connect, key)
    if form.get("client_id") != connect.client_id:
        raise OAuthRefused("invalid_client", f"No such application: '{form.get('client_id')}'")
    account = world.accounts.get(str(form.get("stripe_user_id", "")))
    if account is None or connect.client_id not in account.platforms:
        raise OAuthRefused(
            "invalid_client",
            f"This application is not connected to stripe account {form.get('stripe_user_id')}, "
            "or that account does not exist.",
        )
    disconnect(world, connect, account)
    return {"stripe_user_id": account.id}


def disconnect(world: World, connect: Connect, account: Account) -> None:
    """End a connection, as the platform or the merchant wants, and say so."""
    _disconnect(world, connect, account)
    world.emit(
        account,
        "account.application.deauthorized",
        application(connect),
        told=connect.client_id,
    )


def _disconnect(world: World, connect: Connect, account: Account) -> None:
    account.platforms.discard(connect.client_id)
    for secret, key in list(world.keys.items()):
        if key.account_id == account.id and key.client_id == connect.client_id:
            del world.keys[secret]
    for refresh, account_id in list(connect.refresh_tokens.items()):
        if account_id == account.id:
            del connect.refresh_tokens[refresh]


def application(connect: Connect) -> dict[str, Any]:
    """Return the platform's application as an object."""
    return {"id": connect.client_id, "object": "application", "name": "Fanfare"}


def _is_platform(connect: Connect, key: Key) -> None:
    if key.account_id != connect.platform.id or key.permissions is not None:
        raise Refused(f"Invalid API Key provided: {hidden(key.secret)}", status=401)
