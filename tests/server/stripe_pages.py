"""Stripe accounts in every state, as rows, for looking at their pages; nothing is asked."""

from datetime import timedelta

from sqlmodel import Session

from server import clock
from server.gateways.stripe.client import Stripe
from server.gateways.stripe.connections import Account
from server.services import stripe_accounts
from server.services.stripe_means import Means
from server.store import stripe_accounts as account_store
from server.store.stripe_events import StripeEvent
from server.store.stripe_reconciliations import StripeReconciliation
from tests import make

CHECKOUT = "cs_test_a1YS1URlnyQCN5fUUduORoQ7Pw41PJqDWkIVQCpJPqkfIhd6tVY8XB1OLY"
EVENTS = (
    ("checkout.session.completed", "done", "The order is recorded."),
    ("charge.refunded", "waiting", "We know no checkout with this payment."),
    ("charge.dispute.created", "done", "A case is open; the order does not vest meanwhile."),
    (
        "checkout.session.completed",
        "done",
        "Stripe took 7KQF-9M2X-4TBH, but here it could not be used (already_redeemed).",
    ),
)
DIFFERENCES = (
    ("event_missed", "charge.refunded of 2026-11-23 18:07 had not reached us.", True),
    ("active_there", "7KQF-9M2X-4TBH is redeemed here, but still worked at Stripe.", True),
    (
        "payment",
        f"{CHECKOUT}: Stripe gave 12.00 EUR off for 7KQF-9M2X-4TBH, the ledger 10.00 EUR.",
        False,
    ),
)


def connected(db: Session, brand_id: int, *, account_ref: str = "acct_1SF5OHw2vmpCUzlm") -> int:
    """Connect a brand's account by a key, with a trouble; return its row id."""
    now = clock.now()
    means = Means(Stripe(), sealing_key="seal", site_url="https://x.example")
    account = stripe_accounts.connect(
        db,
        means,
        brand_id=brand_id,
        account=Account(account_ref, is_live_mode=True),
        key="rk_live_" + "x" * 30,
        actor="member:1",
        now=now - timedelta(days=2),
    )
    stripe_accounts.note_trouble(
        db, account_id=account.id, sentence="Stripe does not accept the key any more.", now=now
    )
    return account.id


def watched(db: Session, account_id: int) -> None:
    """Let events come and a comparison find differences."""
    now = clock.now()
    for number, (type_, state, outcome) in enumerate(EVENTS):
        db.add(
            StripeEvent(
                account_id=account_id,
                event_ref=f"evt_{number}",
                type=type_,
                facts={"session": "x"},
                state=state,
                outcome=outcome,
                is_fetched=number == 1,
                happened_at=now - timedelta(hours=number),
                received_at=now - timedelta(hours=number),
            )
        )
    db.add(
        StripeReconciliation(
            account_id=account_id,
            began_at=now - timedelta(hours=4),
            finished_at=now - timedelta(hours=4),
            since=now - timedelta(days=4),
            counts={"events": 12, "promotion codes": 143, "coupons": 4, "refunded payments": 2},
            differences=[
                {"kind": kind, "sentence": sentence, "is_repaired": is_repaired}
                for kind, sentence, is_repaired in DIFFERENCES
            ],
        )
    )


def all_states(db: Session, brand_id: int) -> None:
    """Connect Berta's Boots, and let Dina's Dresses, whose owner is Mia, be left by Stripe."""
    watched(db, connected(db, brand_id))
    other = make.brand(db, "dinas-dresses", name="Dina's Dresses", hosts=("dresses.example",))
    make.team(db, other, make.member(db, "mia"))
    row = account_store.lock(db, connected(db, other, account_ref="acct_1Uy5BCCzrFaUTKNY"))
    stripe_accounts.end(db, row, why=stripe_accounts.BY_STRIPE, now=clock.now())
