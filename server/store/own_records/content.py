"""Records of the exclusive content that a member unlocked and opened."""

from sqlalchemy import select as rows_of

from server.store.content_items import ContentItem
from server.store.content_unlocks import ContentOpening, ContentUnlock
from server.store.own_records.kinds import BRAND, ME, OFFER, PARTICIPANT, Kind, table_of

_ITEM, _UNLOCK = table_of(ContentItem), table_of(ContentUnlock)
_OPENING = table_of(ContentOpening)

CONTENT = Kind(
    "content",
    ("content_unlock", "content_opening"),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        _ITEM.c.public_id.label("content_id"),
        _ITEM.c.title,
        _UNLOCK.c.unlocked_at,
        _UNLOCK.c.reach_visits,
        _UNLOCK.c.needed_visits,
        _UNLOCK.c.locked_at,
        _OPENING.c.first_opened_at,
    )
    .select_from(_UNLOCK)
    .join(PARTICIPANT, PARTICIPANT.c.id == _UNLOCK.c.participant_id)
    .join(_ITEM, _ITEM.c.id == _UNLOCK.c.item_id)
    .join(OFFER, OFFER.c.id == _ITEM.c.offer_id)
    .join(BRAND, BRAND.c.id == _ITEM.c.brand_id)
    .outerjoin(_OPENING, _OPENING.c.unlock_id == _UNLOCK.c.id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_UNLOCK.c.id),
)
