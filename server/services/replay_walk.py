"""The walk of a replay: what happens when, in the order of time, through the live services."""

import hashlib
import heapq
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from rewards.money import Money
from server import tokens
from server.services import (
    consents,
    conversions,
    crowds,
    forests,
    referrals,
    reversals,
    shares,
    sign_ins,
    visits,
)
from server.services.attribution import Evidence
from server.services.cascades import Cascades, Node
from server.services.crowds import Crowd, Purchase
from server.store import members, offers, outbox, participants
from server.store import visits as visit_store

SURFACE, CHANNEL, LANGUAGE = "replay", "copy", "en"
BATCH = 500
LOOKS_SECONDS = 15
"""How long after the click a stranger's visit is verified."""
DAY_SECONDS = 86_400

Deliver = Callable[..., bool]
"""``jobs.outbox.deliver``, which lies above this layer: how the worker does one message."""


class Walk:
    """One replay under way: who has joined, and what is still to come.

    The offer must be locked.  Moments are seconds since the beginning of the story, which is placed
    so that everything has vested by ``now``.
    """

    def __init__(
        self, db: Session, offer: offers.Offer, cascades: Cascades, crowd: Crowd, now: datetime
    ) -> None:
        """Place the story in time; nothing happens yet."""
        assert offer.id is not None
        self._db, self._crowd, self._now = db, crowd, now
        self.offer, self.offer_id, self.terms = offer, offer.id, forests.terms_of(offer)
        self._window = self.terms.return_days * DAY_SECONDS
        drawn_within = crowds.VISIT_SECONDS_MAX + max(crowds.ORDER_SECONDS)
        length = cascades.nodes[-1].seconds + drawn_within + self._window
        self._start = now - timedelta(seconds=length)
        story = f"{cascades.digest}:{crowd.seed}"
        self._issuer = f"replay:{hashlib.sha256(story.encode()).hexdigest()}"
        self._share_hash = consents.text(consents.SHARE, LANGUAGE).hash
        self._referral_hash = consents.text(consents.REFERRAL, LANGUAGE).hash

        self.cascade_of: dict[int, str] = {}
        """The cascade of each member who joined."""
        self.orders_refused: Counter[str] = Counter()
        self.visits_refused: Counter[str] = Counter()
        self.refunds = 0
        self._seconds = 0
        self._links: list[int] = []
        """The share of each node, in the order of the nodes."""
        self._arrived: list[dict[str, Any]] = []
        """Visits that are not written yet."""
        self._coming: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._planned = 0

    def was_here(self, node: Node) -> bool:
        """Tell whether a node of this file and seed is in the offer already."""
        known = members.id_of_identity(self._db, issuer=self._issuer, subject=_name(node))
        return known is not None and (
            participants.id_of_member(self._db, offer_id=self.offer_id, member_id=known) is not None
        )

    def go_on_until(self, seconds: int | None) -> None:
        """Let everything happen that comes before a moment; None is for all of it."""
        while self._coming and (seconds is None or self._coming[0][0] < seconds):
            self._seconds, _, happens, facts = heapq.heappop(self._coming)
            happens(*facts)
        if seconds is not None:
            self._seconds = seconds

    def join(self, node: Node) -> None:
        """Let a node arrive, say who brought it, and share; then strangers come to it."""
        name, now = _name(node), self._moment()
        who = sign_ins.sign_in(self._db, issuer=self._issuer, subject=name, now=now)
        self.cascade_of[who.member_id] = node.cascade
        drawn = crowds.draw(self._crowd, name)
        if node.parent is not None:
            self._is_brought(name, who.member_id, self._links[node.parent], drawn.own)
        share = shares.record(
            self._db,
            member_id=who.member_id,
            event_id=self._event("share", name),
            offer_public_id=self.offer.public_id,
            channel=CHANNEL,
            shown_as="",
            consent_hash=self._share_hash,
            language=LANGUAGE,
            surface=SURFACE,
            now=now,
        )
        self._links.append(share.share_id)
        for number, visitor in enumerate(drawn.visitors):
            seen = visitor.after_seconds + LOOKS_SECONDS
            facts = (share.share_id, f"{name}/{number}", visitor.purchase)
            self._plan(seen, self._stranger_looks, *facts)

    def finish(self, deliver: Deliver, *, after_message: int) -> None:
        """Let the rest happen, and everything vest that waits behind a message of the outbox."""
        self.go_on_until(None)
        self._decide()
        db, now = self._db, self._now
        while visits.vest_due(db, now=now, limit=BATCH, offer_id=self.offer_id) == BATCH:
            pass
        is_going_on = True
        while is_going_on:  # until nothing is due that no other worker holds
            due = outbox.waiting(db, now=now, limit=BATCH, after_id=after_message)
            is_going_on = sum(deliver(db, message_id, now=now) for message_id in due) > 0

    def _is_brought(self, name: str, member_id: int, link: int, own: Purchase | None) -> None:
        """Let a friend come by the parent's link and confirm it, and perhaps buy."""
        token = self._arrive(link, name, clicked_at=self._moment())
        self._write()
        referrals.claim(
            self._db,
            member_id=member_id,
            event_id=self._event("claim", name),
            visit_token=token,
            consent_hash=self._referral_hash,
            language=LANGUAGE,
            surface=SURFACE,
            now=self._moment(),
        )
        if own is not None:
            self._plan(own.after_seconds, self._somebody_orders, name, token, own)

    def _stranger_looks(self, link: int, name: str, purchase: Purchase | None) -> None:
        """Let a stranger's visit be verified, and perhaps lead to an order."""
        clicked_at = self._moment() - timedelta(seconds=LOOKS_SECONDS)
        token = self._arrive(link, name, clicked_at=clicked_at)
        if purchase is not None:
            wait = purchase.after_seconds - LOOKS_SECONDS
            self._plan(wait, self._somebody_orders, name, token, purchase)
        if len(self._arrived) >= BATCH:
            self._decide()

    def _somebody_orders(self, name: str, token: str, purchase: Purchase) -> None:
        """Let the shop report an order, and perhaps a refund within the return window."""
        self._decide()
        ref = tokens.kept(f"{self._issuer}:{self.offer.public_id}:{name}")
        order = conversions.report(
            self._db,
            brand_id=self.offer.brand_id,
            order_ref=f"replay-{ref}",
            net=Money(purchase.net_minor, self.terms.currency),
            is_new_customer=purchase.is_new_customer,
            evidence=Evidence(visit_token=token),
            ordered_at=self._moment(),
            now=self._moment(),
        )
        if order.reason is not None:
            self.orders_refused[order.reason] += 1
        if purchase.refund_minor:
            wait = int(purchase.refund_share * self._window)
            self._plan(wait, self._order_is_refunded, order.public_id, purchase.refund_minor)

    def _order_is_refunded(self, conversion_public_id: str, amount_minor: int) -> None:
        self._decide()
        reversals.reverse(
            self._db,
            brand_id=self.offer.brand_id,
            conversion_public_id=conversion_public_id,
            reversal_ref="replay",
            amount_minor=amount_minor,
            now=self._moment(),
        )
        self.refunds += 1

    def _arrive(self, link: int, name: str, *, clicked_at: datetime) -> str:
        """Note a visit as the click process and the beacon leave it; return its token."""
        token = tokens.secret()[:22]
        self._arrived.append(
            {
                "token": token,
                "share_id": link,
                "offer_id": self.offer_id,
                "visitor_key": hashlib.sha256(f"{self._issuer}:{name}".encode()).digest()[:8],
                "clicked_at": clicked_at,
                "verified_at": self._moment(),
                "credited": False,
            }
        )
        return token

    def _write(self) -> None:
        visit_store.add(self._db, self._arrived)
        self._arrived = []

    def _decide(self) -> None:
        """Decide the visits so far, as the worker would before the next order comes."""
        self._write()
        decided = BATCH
        while decided == BATCH:
            applied = visits.apply_verified(
                self._db, now=self._moment(), limit=BATCH, offer_id=self.offer_id
            )
            self.visits_refused.update(applied.refused)
            decided = applied.decided

    def _plan(self, wait: int, happens: Callable[..., None], *facts: object) -> None:
        self._planned += 1  # who was planned first comes first at the same moment
        heapq.heappush(self._coming, (self._seconds + wait, self._planned, happens, facts))

    def _moment(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def _event(self, kind: str, name: str) -> str:
        """Return an event's id as a device would make it, another one for each offer."""
        what = f"{self._issuer}:{self.offer.public_id}:{kind}:{name}"
        return str(uuid.uuid5(uuid.NAMESPACE_URL, what))


def _name(node: Node) -> str:
    return f"{node.cascade}/{node.name}"
