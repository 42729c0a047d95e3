"""Accounts: a merchant's own, its keys, and what its platform may see of it."""

from tests.stripe_server import account_shape
from tests.stripe_server.refusals import Refused
from tests.stripe_server.world import Account, Call, Key, Thing, World, hidden, new_id


def open_account(world: World, *, name: str, country: str, currency: str) -> Account:
    """Open an account with a key that may do everything."""
    id_ = new_id("acct_1", 16)
    itself = account_shape.account(id_, world.now, name=name, country=country, currency=currency)
    account = world.accounts[id_] = Account(id_, itself)
    give_key(world, account)
    return account


def give_key(
    world: World,
    account: Account,
    *,
    permissions: frozenset[str] | None = None,
    client_id: str | None = None,
) -> str:
    """Make a key of an account and return its secret."""
    kind = "sk" if permissions is None else "rk"
    secret = new_id(f"{kind}_test_51{account.id[6:]}", 60)
    world.keys[secret] = Key(secret, account.id, permissions, client_id)
    return secret


def secret_of(world: World, account_id: str) -> str:
    """Return the secret of an account's own unrestricted key."""
    return next(
        key.secret
        for key in world.keys.values()
        if key.account_id == account_id and key.permissions is None and key.client_id is None
    )


def account_for(world: World, key: Key, account_id: str | None) -> Account:
    """Return the account that a request acts on, or refuse a key of another one."""
    own = world.accounts[key.account_id]
    if account_id is None or account_id == own.id:
        return own
    account = world.accounts.get(account_id)
    if account is None or own.itself.get("_client_id") not in account.platforms:
        raise Refused(
            f"The provided key '{hidden(key.secret)}' does not have access to account "
            f"'{account_id}' (or that account does not exist). Application access may have been "
            "revoked.",
            status=403,
            code="account_invalid",
        )
    return account


def retrieve_current(call: Call) -> Thing:
    """Return the account that the request acts on."""
    return call.account.itself


def retrieve(call: Call) -> Thing:
    """Return an account by its id: one's own, or a connected one."""
    if call.parts["id"] == call.account.id:
        return call.account.itself
    return account_for(call.world, call.key, call.parts["id"]).itself
