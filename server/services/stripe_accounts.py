"""Connecting a brand's Stripe account, and disconnecting it in good order.

What asks Stripe (``look``, ``departure``, ``arrival``) has no transaction open; what writes asks
nobody.  Everything else that Stripe must hear of goes through the outbox.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from server import sealing, tokens
from server.errors import Conflict, FieldInvalid, NotFound, Unavailable
from server.gateways.stripe import connections as gateway
from server.gateways.stripe.client import Access
from server.gateways.stripe.failures import Failed, Silent
from server.services import audits, stripe_codes, stripe_means
from server.services.stripe_means import Means
from server.store import brands, outbox
from server.store import stripe_accounts as store
from server.store import stripe_codes as code_store
from server.store.stripe_accounts import How

HOOK = "stripe.hook"
LEAVE = "stripe.leave"
RECONCILE_EVERY = timedelta(days=1)
BY_TEAM, BY_STRIPE = "by_team", "by_stripe"

_KEY = re.compile(r"rk_(live|test)_[A-Za-z0-9]{10,240}")
_HOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,200}")


@dataclass(frozen=True, slots=True)
class AccountView:
    """A brand's account as its owner sees it; keys and secrets stay out."""

    id: int
    public_id: str
    account_ref: str
    how: str
    is_live_mode: bool
    has_hook_secret: bool
    makes_hook: bool
    connected_at: datetime
    leaving_since: datetime | None
    disconnected_at: datetime | None
    disconnected_why: str | None
    trouble: str | None
    trouble_at: datetime | None


def of_brand(db: Session, *, brand_id: int) -> AccountView | None:
    """Return the account that a brand connected last, connected still or not."""
    row = store.live_of_brand(db, brand_id) or store.newest_of_brand(db, brand_id)
    return view(row) if row is not None else None


def connected(db: Session, *, brand_slug: str | None = None) -> list[AccountView]:
    """Return every account that is connected now, or only a brand's."""
    brand = brands.find_by_slug(db, brand_slug) if brand_slug else None
    return [
        view(row)
        for row in store.live(db)
        if brand_slug is None or (brand is not None and row.brand_id == brand.id)
    ]


def view(row: store.StripeAccount) -> AccountView:
    """Return an account without its secrets."""
    assert row.id is not None
    return AccountView(
        id=row.id,
        public_id=row.public_id,
        account_ref=row.account_ref,
        how=row.how,
        is_live_mode=row.is_live_mode,
        has_hook_secret=row.sealed_hook_secret is not None,
        makes_hook=row.hook_ref is not None,
        connected_at=row.connected_at,
        leaving_since=row.leaving_since,
        disconnected_at=row.disconnected_at,
        disconnected_why=row.disconnected_why,
        trouble=row.trouble,
        trouble_at=row.trouble_at,
    )


def look(means: Means, *, key: str) -> gateway.Account:
    """Return the account of a restricted key, by really asking Stripe.

    Raises:
        FieldInvalid: it is no such key, or Stripe does not accept it, or not for all we need.
        Unavailable: Stripe does not answer.

    """
    found = _KEY.fullmatch(key.strip())
    if found is None:
        raise FieldInvalid(
            "key",
            "Enter a restricted key; it begins with rk_live_ or rk_test_. Any other key"
            " could do more than we need.",
        )
    try:
        client = means.stripe.reach(Access(key.strip()))
        return gateway.look(client, is_live_mode=found[1] == "live")
    except Silent as error:
        raise Unavailable(f"{error} Nothing was changed; try again in a minute.") from error
    except Failed as error:
        raise FieldInvalid("key", f"{error} Give the key what the list names.") from error


def departure(means: Means, *, state: str, returns_to: str) -> str:
    """Return the address at Stripe where an owner connects an account.

    Raises:
        NotFound: whoever runs this server has no Connect platform.

    """
    if not means.stripe.can_connect:
        raise NotFound("Connecting by sign-in is not set up on this server; use a key.")
    return gateway.departure(means.stripe, state=state, returns_to=returns_to)


def arrival(means: Means, *, code: str) -> gateway.Account:
    """Return the account whose owner came back from Stripe with a code.

    Raises:
        Conflict: Stripe does not know the code; it can be used once and not for long.
        Unavailable: Stripe does not answer.

    """
    try:
        return gateway.arrival(means.stripe, code=code)
    except Silent as error:
        raise Unavailable(f"{error} Nothing was changed; try again in a minute.") from error
    except Failed as error:
        raise Conflict(
            f"Stripe did not connect the account: {error} Please begin again."
        ) from error


def connect(
    db: Session,
    means: Means,
    *,
    brand_id: int,
    account: gateway.Account,
    key: str | None,
    actor: str,
    now: datetime,
) -> AccountView:
    """Connect an account, with its own key or by Connect; its codes are then looked at.

    Raises:
        Conflict: another account is connected, or another brand has connected this one.

    """
    row = store.lock_by_ref(db, brand_id=brand_id, account_ref=account.ref)
    how = How.CONNECT if key is None else How.KEY
    row = row or store.StripeAccount(
        public_id=tokens.public_id(),
        brand_id=brand_id,
        account_ref=account.ref,
        how=how,
        is_live_mode=account.is_live_mode,
        connected_at=now,
    )
    row.how, row.is_live_mode = how, account.is_live_mode
    row.sealed_key = sealing.seal(means.sealing_key, key.strip()) if key is not None else None
    row.connected_at = now
    row.leaving_since = row.disconnected_at = row.disconnected_why = None
    row.trouble = row.trouble_at = None
    if row.sealed_hook_secret and not stripe_means.opens(means, row.sealed_hook_secret):
        row.sealed_hook_secret = row.hook_ref = None
    row.reconcile_at = now + RECONCILE_EVERY
    try:
        with db.begin_nested():  # the unique constraints decide whose account it is
            db.add(row)
    except IntegrityError:
        raise Conflict(
            "This brand has connected another Stripe account, or another brand this one;"
            " disconnect that first."
        ) from None
    assert row.id is not None
    if key is not None:
        outbox.put(db, kind=HOOK, content={"account_id": row.id}, due_at=now)
    usable = code_store.usable_of_brand(db, brand_id=brand_id, now=now)
    known = {code.code_id for code in code_store.active(db, row.id)}
    for code_id in sorted(known | {code.id for code in usable if code.id is not None}):
        stripe_codes.look_again(db, account_id=row.id, code_id=code_id, now=now)
    _note(db, row, "stripe.connected", actor, now)
    return view(row)


def keep_hook_secret(
    db: Session, means: Means, *, brand_id: int, secret: str, actor: str, now: datetime
) -> AccountView:
    """Keep the secret of an endpoint that the owner made at Stripe by hand.

    Raises:
        NotFound: no account is connected by a key.
        FieldInvalid: this is no such secret.

    """
    if _HOOK_SECRET.fullmatch(secret.strip()) is None:
        raise FieldInvalid("secret", "Enter the signing secret; it begins with whsec_.")
    row = store.live_of_brand(db, brand_id)
    if row is None or row.id is None or row.how != How.KEY:
        raise NotFound("No Stripe account is connected by a key.")
    row = store.lock(db, row.id)
    row.sealed_hook_secret = sealing.seal(means.sealing_key, secret.strip())
    row.hook_ref = None
    _note(db, row, "stripe.signing_secret", actor, now)
    return view(row)


def disconnect(db: Session, *, brand_id: int, actor: str, now: datetime) -> AccountView:
    """Begin to leave an account: its promotion codes end first, then our access; once.

    Raises:
        NotFound: no account is connected.

    """
    row = store.live_of_brand(db, brand_id)
    if row is None or row.id is None:
        raise NotFound("No Stripe account is connected.")
    row = store.lock(db, row.id)
    if row.leaving_since is None and row.disconnected_at is None:
        row.leaving_since = now
        outbox.put(db, kind=LEAVE, content={"account_id": row.id}, due_at=now)
        _note(db, row, "stripe.disconnecting", actor, now)
    return view(row)


def end(db: Session, row: store.StripeAccount, *, why: str, now: datetime) -> None:
    """End a locked account: its key and its secret are wiped, and nothing goes there any more."""
    if row.disconnected_at is not None:
        return
    row.disconnected_at, row.disconnected_why = now, why
    row.leaving_since = row.reconcile_at = None
    row.sealed_key = row.sealed_hook_secret = row.hook_ref = None
    _note(db, row, "stripe.disconnected", "stripe" if why == BY_STRIPE else "fanfare", now)


def note_trouble(db: Session, *, account_id: int, sentence: str | None, now: datetime) -> None:
    """Keep what Stripe last complained of, for the brand's page; None when it is well again."""
    row = store.find(db, account_id)
    if row is None or (row.trouble is None and sentence is None):
        return
    row = store.lock(db, account_id)
    row.trouble = sentence[:200] if sentence else None
    row.trouble_at = now if sentence else None


def _note(db: Session, row: store.StripeAccount, action: str, actor: str, now: datetime) -> None:
    audits.note(
        db,
        brand_id=row.brand_id,
        actor=actor,
        action=action,
        subject=row.account_ref,
        after={"how": row.how},
        now=now,
    )
