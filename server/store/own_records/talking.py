"""Records of conversations with brands: a customer's own, and what somebody wrote for a brand."""

from sqlalchemy import select as rows_of

from server.store.consents import Consent
from server.store.conversations import Conversation
from server.store.messages import Message
from server.store.own_records.kinds import BRAND, ME, OFFER, SHARE, Kind, table_of

_TALK, _MESSAGE, _CONSENT = table_of(Conversation), table_of(Message), table_of(Consent)

CONVERSATIONS = Kind(
    "conversations",
    ("conversation",),
    rows_of(
        BRAND.c.name.label("brand"),
        _TALK.c.public_id.label("conversation_id"),
        _TALK.c.kind,
        _TALK.c.subject,
        _TALK.c.shown_as,
        OFFER.c.title.label("about_share_of"),
        SHARE.c.code.label("about_link"),
        _TALK.c.state,
        _TALK.c.created_at,
        _TALK.c.solved_at,
        _CONSENT.c.public_id.label("consent_id"),
        _CONSENT.c.withdrawn_at.label("ended_at"),
    )
    .select_from(_TALK)
    .join(BRAND, BRAND.c.id == _TALK.c.brand_id)
    .join(_CONSENT, _CONSENT.c.id == _TALK.c.consent_id)
    .outerjoin(SHARE, SHARE.c.id == _TALK.c.share_id)
    .outerjoin(OFFER, OFFER.c.id == SHARE.c.offer_id)
    .where(_TALK.c.member_id == ME)
    .order_by(_TALK.c.id),
)
MESSAGES = Kind(
    "messages",
    ("message",),
    rows_of(
        _TALK.c.public_id.label("conversation_id"),
        _MESSAGE.c.number,
        _MESSAGE.c.side.label("written_by"),
        _MESSAGE.c.shown_as,
        _MESSAGE.c.author_role.label("role"),
        _MESSAGE.c.words,
        _MESSAGE.c.at,
    )
    .join(_TALK, _TALK.c.id == _MESSAGE.c.conversation_id)
    .where(_TALK.c.member_id == ME)
    .order_by(_TALK.c.id, _MESSAGE.c.number),
)
WRITTEN_FOR_BRANDS = Kind(
    "messages_for_brands",
    ("message",),
    rows_of(
        BRAND.c.name.label("brand"),
        _MESSAGE.c.shown_as,
        _MESSAGE.c.author_role.label("role"),
        _MESSAGE.c.at,
    )
    .join(_TALK, _TALK.c.id == _MESSAGE.c.conversation_id)
    .join(BRAND, BRAND.c.id == _TALK.c.brand_id)
    .where(_MESSAGE.c.author_id == ME)
    .order_by(_MESSAGE.c.id),
)
"""Without the words: they are about the customer who reads them."""
