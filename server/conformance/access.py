"""Promises about keys, tokens and scopes."""

from server.conformance.answers import promise
from server.conformance.contract import Group
from server.conformance.operations import CORE, REDEEM, VALIDATE, address
from server.conformance.shop import Shop

ACCESS = Group("Access")
METADATA = "/.well-known/oauth-authorization-server"
NAMELESS = "1" * 12
"""Stands where an operation's address names a thing; it may not exist, for who asks comes first."""
MADE_UP = "conformance-made-this-token-up"


@ACCESS.promises("The metadata name this address and its token endpoint (RFC 8414)")
def metadata(shop: Shop) -> None:
    """Read the metadata."""
    said = shop.api.send("GET", METADATA, token=None).expect(200)
    promise(said["issuer"] == shop.api.base_url, f"The issuer is {said['issuer']}.")
    token = f"{shop.api.base_url}/oauth/token"
    promise(said["token_endpoint"] == token, f"The token endpoint is {said['token_endpoint']}.")
    promise(
        "client_credentials" in said["grant_types_supported"], "client_credentials is not offered."
    )


@ACCESS.promises("A key gets a bearer token that says when it ends and may not be stored")
def gets_a_token(shop: Shop) -> None:
    """Ask for a token."""
    said = shop.api.ask_for_token().expect(200)
    promise(str(said["token_type"]).lower() == "bearer", f"It is a {said['token_type']} token.")
    promise(
        isinstance(said["expires_in"], int) and said["expires_in"] > 0,
        f"It ends in {said['expires_in']!r} seconds.",
    )
    stored = said.header("Cache-Control")
    promise("no-store" in stored, f"Cache-Control is {stored}.")


@ACCESS.promises("A wrong secret gets no token")
def wrong_secret(shop: Shop) -> None:
    """Ask with a secret that is not ours."""
    said = shop.api.ask_for_token(secret=MADE_UP).expect(401)
    promise(said["error"] == "invalid_client", f"The error is {said['error']}.")


@ACCESS.promises("A scope that the key does not have gets no token")
def foreign_scope(shop: Shop) -> None:
    """Ask for what only a person can allow."""
    said = shop.api.ask_for_token(scope="wallet:read").expect(400)
    promise(said["error"] == "invalid_scope", f"The error is {said['error']}.")


@ACCESS.promises("A token for one scope may do nothing else", VALIDATE, REDEEM)
def one_scope(shop: Shop) -> None:
    """Validate with it, and fail to redeem."""
    token = str(shop.api.ask_for_token(scope="codes:validate").expect(200)["access_token"])
    order = shop.order()
    shop.ask(VALIDATE, NAMELESS, body=order, token=token).expect(422)
    use = order | {"code": NAMELESS, "order_ref": "conformance"}
    shop.ask(REDEEM, body=use, token=token).expect_problem(403, "not-allowed")


@ACCESS.promises("Without a token every operation is refused, and says how to authenticate", *CORE)
def without_a_token(shop: Shop) -> None:
    """Ask for everything without a token."""
    for operation in CORE:
        method, path = address(operation, NAMELESS)
        said = shop.api.send(method, path, token=None, json={}).expect(401)
        challenge = said.header("WWW-Authenticate")
        promise(challenge.startswith("Bearer"), f"{operation} asks for {challenge}.")


@ACCESS.promises("A token that was made up is refused", *CORE)
def made_up_token(shop: Shop) -> None:
    """Ask for everything with a token that nobody gave."""
    for operation in CORE:
        method, path = address(operation, NAMELESS)
        said = shop.api.send(method, path, token=MADE_UP, json={}).expect(401)
        promise(bool(said.header("WWW-Authenticate")), "It does not say how to authenticate.")


@ACCESS.promises("A token that its holder gave back is refused at once (RFC 7009)", VALIDATE)
def revoked_token(shop: Shop) -> None:
    """Give a token back and try it."""
    token = str(shop.api.ask_for_token().expect(200)["access_token"])
    shop.ask(VALIDATE, NAMELESS, body=shop.order(), token=token).expect(422)
    key = (shop.api.client_id, shop.api.client_secret)
    gone = shop.api.send("POST", "/oauth/revoke", token=None, data={"token": token}, auth=key)
    gone.expect(200)
    shop.ask(VALIDATE, NAMELESS, body=shop.order(), token=token).expect(401)
