"""Records of being a friend and a buyer, and of codes and what became of them."""

from sqlalchemy import select as rows_of

from server.store.consents import Consent
from server.store.identities import IdentityKey, OrderIdentity, OwnIdentity
from server.store.oauth_clients import OAuthClient
from server.store.own_records.kinds import (
    BRAND,
    CODE,
    CONVERSION,
    ME,
    OFFER,
    PARTICIPANT,
    REDEMPTION,
    SHARE,
    VISIT,
    Kind,
    table_of,
)
from server.store.referrals import Referral
from server.store.reservations import Reservation
from server.store.reversals import Reversal
from server.store.rollbacks import Rollback
from server.store.stripe_codes import StripeCode

_CONSENT, _REFERRAL, _REVERSAL = table_of(Consent), table_of(Referral), table_of(Reversal)
_CLIENT, _HOLD, _ROLLBACK = table_of(OAuthClient), table_of(Reservation), table_of(Rollback)
_MIRROR = table_of(StripeCode)
_OWN, _ORDERED, _KEY = table_of(OwnIdentity), table_of(OrderIdentity), table_of(IdentityKey)

ARRIVALS = Kind(
    "arrivals",
    ("visit",),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        SHARE.c.shown_as.label("brought_by"),
        VISIT.c.clicked_at,
        VISIT.c.verified_at,
        VISIT.c.outcome,
    )
    .select_from(VISIT)
    .join(SHARE, SHARE.c.id == VISIT.c.share_id)
    .join(OFFER, OFFER.c.id == VISIT.c.offer_id)
    .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    .where(VISIT.c.friend_id == ME)
    .order_by(VISIT.c.id),
)
REFERRALS = Kind(
    "referrals",
    ("referral",),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        SHARE.c.shown_as.label("brought_by"),
        _REFERRAL.c.claimed_at,
        _CONSENT.c.public_id.label("consent_id"),
    )
    .select_from(_REFERRAL)
    .join(SHARE, SHARE.c.id == _REFERRAL.c.share_id)
    .join(OFFER, OFFER.c.id == _REFERRAL.c.offer_id)
    .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    .join(_CONSENT, _CONSENT.c.id == _REFERRAL.c.consent_id)
    .where(_REFERRAL.c.friend_id == ME)
    .order_by(_REFERRAL.c.id),
)
PURCHASES = Kind(
    "purchases",
    ("conversion",),
    rows_of(
        BRAND.c.name.label("brand"),
        CONVERSION.c.order_ref,
        CONVERSION.c.ordered_at,
        CONVERSION.c.net_minor,
        CONVERSION.c.refunded_minor,
        CONVERSION.c.currency,
        SHARE.c.shown_as.label("brought_by"),
        CONVERSION.c.reason,
    )
    .select_from(CONVERSION)
    .join(BRAND, BRAND.c.id == CONVERSION.c.brand_id)
    .outerjoin(SHARE, SHARE.c.id == CONVERSION.c.share_id)
    .where(CONVERSION.c.buyer_id == ME)
    .order_by(CONVERSION.c.id),
)
PURCHASE_REFUNDS = Kind(
    "purchase_refunds",
    ("reversal",),
    rows_of(
        CONVERSION.c.order_ref,
        _REVERSAL.c.reversal_ref,
        _REVERSAL.c.amount_minor,
        CONVERSION.c.currency,
        _REVERSAL.c.reversed_at,
    )
    .join(CONVERSION, CONVERSION.c.id == _REVERSAL.c.conversion_id)
    .where(CONVERSION.c.buyer_id == ME)
    .order_by(_REVERSAL.c.id),
)
OWN_IDENTITIES = Kind(
    "own_identities",
    ("own_identity",),
    rows_of(BRAND.c.name.label("brand"), _OWN.c.kind, _OWN.c.learnt_at, _KEY.c.ends_at)
    .select_from(_OWN)
    .join(_KEY, _KEY.c.id == _OWN.c.key_id)
    .join(BRAND, BRAND.c.id == _KEY.c.brand_id)
    .where(_OWN.c.member_id == ME)
    .order_by(_OWN.c.id),
)
PURCHASE_IDENTITIES = Kind(
    "purchase_identities",
    ("order_identity",),
    rows_of(CONVERSION.c.order_ref, _ORDERED.c.kind, _KEY.c.ends_at)
    .select_from(_ORDERED)
    .join(_KEY, _KEY.c.id == _ORDERED.c.key_id)
    .join(CONVERSION, CONVERSION.c.id == _ORDERED.c.conversion_id)
    .where(CONVERSION.c.buyer_id == ME)
    .order_by(_ORDERED.c.id),
)
CODES = Kind(
    "codes",
    ("discount_code",),
    rows_of(
        BRAND.c.name.label("brand"),
        CODE.c.code,
        CODE.c.value_minor,
        CODE.c.left_minor,
        CODE.c.currency,
        CODE.c.rate_basis_points,
        CODE.c.min_order_minor,
        CODE.c.holder_hash.is_not(None).label("is_personal"),
        CODE.c.state,
        CODE.c.why,
        CODE.c.issued_at,
        CODE.c.expires_at,
        CODE.c.ended_at,
    )
    .select_from(CODE)
    .join(PARTICIPANT, PARTICIPANT.c.id == CODE.c.participant_id)
    .join(BRAND, BRAND.c.id == CODE.c.brand_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(CODE.c.id),
)
HOLDS = Kind(
    "holds",
    ("reservation",),
    rows_of(CODE.c.code, _HOLD.c.reserved_at, _HOLD.c.expires_at, _HOLD.c.ended_at)
    .select_from(_HOLD)
    .join(CODE, CODE.c.id == _HOLD.c.code_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CODE.c.participant_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_HOLD.c.id),
)
REDEMPTIONS = Kind(
    "redemptions",
    ("redemption",),
    rows_of(
        CODE.c.code,
        _CLIENT.c.title.label("partner"),
        REDEMPTION.c.value_minor,
        REDEMPTION.c.rolled_back_minor,
        CODE.c.currency,
        REDEMPTION.c.redeemed_at,
        REDEMPTION.c.ended_at,
    )
    .select_from(REDEMPTION)
    .join(CODE, CODE.c.id == REDEMPTION.c.code_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CODE.c.participant_id)
    .outerjoin(_CLIENT, _CLIENT.c.id == REDEMPTION.c.client_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(REDEMPTION.c.id),
)
ROLLBACKS = Kind(
    "rollbacks",
    ("rollback",),
    rows_of(
        CODE.c.code,
        _ROLLBACK.c.amount_minor,
        CODE.c.currency,
        _ROLLBACK.c.code_state,
        _ROLLBACK.c.rolled_back_at,
    )
    .select_from(_ROLLBACK)
    .join(REDEMPTION, REDEMPTION.c.id == _ROLLBACK.c.redemption_id)
    .join(CODE, CODE.c.id == REDEMPTION.c.code_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CODE.c.participant_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_ROLLBACK.c.id),
)
CODES_AT_STRIPE = Kind(
    "codes_at_stripe",
    ("stripe_code",),
    rows_of(CODE.c.code, _MIRROR.c.promotion_ref, _MIRROR.c.is_active, _MIRROR.c.changed_at)
    .select_from(_MIRROR)
    .join(CODE, CODE.c.id == _MIRROR.c.code_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CODE.c.participant_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_MIRROR.c.id),
)
