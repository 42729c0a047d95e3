"""Records of what a member shared, of what came through their links, and of what it earned."""

from sqlalchemy import String, case, cast, exists, or_
from sqlalchemy import select as rows_of

from server.store.cases import CaseState, ReviewCase
from server.store.clicks import ClickCount
from server.store.consents import Consent
from server.store.disclosure_proofs import DisclosureProof
from server.store.ledger import LedgerTransfer
from server.store.own_records.kinds import (
    BRAND,
    CONVERSION,
    ME,
    OFFER,
    PARTICIPANT,
    SHARE,
    VISIT,
    Kind,
    table_of,
)
from server.store.referrals import Referral
from server.store.reversals import Reversal

_CLICKS, _CONSENT, _REFERRAL = table_of(ClickCount), table_of(Consent), table_of(Referral)
_REVERSAL, _CASE, _TRANSFER = table_of(Reversal), table_of(ReviewCase), table_of(LedgerTransfer)
_PROOF = table_of(DisclosureProof)
_ABOUT_THE_ORDER = _CASE.c.conversion_id == CONVERSION.c.id
_IS_HELD = exists().where(_ABOUT_THE_ORDER, _CASE.c.state == CaseState.OPEN)

SHARES = Kind(
    "shares",
    ("share",),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        SHARE.c.channel,
        SHARE.c.code.label("link_code"),
        SHARE.c.shown_as,
        SHARE.c.created_at,
        SHARE.c.withdrawn_at,
        _CONSENT.c.public_id.label("consent_id"),
    )
    .select_from(SHARE)
    .join(OFFER, OFFER.c.id == SHARE.c.offer_id)
    .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    .join(_CONSENT, _CONSENT.c.id == SHARE.c.consent_id)
    .where(SHARE.c.member_id == ME)
    .order_by(SHARE.c.id),
)
DISCLOSURES = Kind(
    "disclosures",
    ("disclosure_proof",),
    rows_of(
        SHARE.c.code.label("link_code"),
        _PROOF.c.surface,
        _PROOF.c.language,
        _PROOF.c.words,
        _PROOF.c.first_shown_at,
        _PROOF.c.last_shown_at,
    )
    .join(SHARE, SHARE.c.id == _PROOF.c.share_id)
    .where(SHARE.c.member_id == ME)
    .order_by(_PROOF.c.id),
)
VISITS = Kind(
    "visits",
    ("visit",),
    rows_of(
        SHARE.c.code.label("link_code"),
        VISIT.c.clicked_at,
        VISIT.c.verified_at,
        VISIT.c.outcome,
        VISIT.c.credited,
        VISIT.c.vests_at,
        VISIT.c.vested_at,
    )
    .join(SHARE, SHARE.c.id == VISIT.c.share_id)
    .where(SHARE.c.member_id == ME)
    .order_by(VISIT.c.id),
)
CLICKS = Kind(
    "clicks_not_kept",
    ("click_count",),
    rows_of(SHARE.c.code.label("link_code"), _CLICKS.c.day, _CLICKS.c.reason, _CLICKS.c.clicks)
    .join(SHARE, SHARE.c.id == _CLICKS.c.share_id)
    .where(SHARE.c.member_id == ME)
    .order_by(_CLICKS.c.day, _CLICKS.c.share_id, _CLICKS.c.reason),
)
ORDERS = Kind(
    "orders",
    ("conversion",),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        SHARE.c.code.label("link_code"),
        CONVERSION.c.ordered_at,
        CONVERSION.c.credited_minor,
        CONVERSION.c.currency,
        CONVERSION.c.reason,
        CONVERSION.c.vests_at,
        CONVERSION.c.vested_at,
        _IS_HELD.label("is_held"),
    )
    .select_from(CONVERSION)
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSION.c.participant_id)
    .join(OFFER, OFFER.c.id == PARTICIPANT.c.offer_id)
    .join(BRAND, BRAND.c.id == CONVERSION.c.brand_id)
    .outerjoin(SHARE, SHARE.c.id == CONVERSION.c.share_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(CONVERSION.c.id),
)
REFUNDS = Kind(
    "refunds",
    ("reversal",),
    rows_of(
        CONVERSION.c.ordered_at,
        _REVERSAL.c.reversed_at,
        _REVERSAL.c.credited_before_minor,
        _REVERSAL.c.credited_after_minor,
        CONVERSION.c.currency,
    )
    .select_from(_REVERSAL)
    .join(CONVERSION, CONVERSION.c.id == _REVERSAL.c.conversion_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSION.c.participant_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_REVERSAL.c.id),
)
FRIENDS = Kind(
    "friends_brought",
    ("referral",),
    rows_of(OFFER.c.title.label("offer"), SHARE.c.code.label("link_code"), _REFERRAL.c.claimed_at)
    .select_from(_REFERRAL)
    .join(SHARE, SHARE.c.id == _REFERRAL.c.share_id)
    .join(OFFER, OFFER.c.id == _REFERRAL.c.offer_id)
    .where(SHARE.c.member_id == ME)
    .order_by(_REFERRAL.c.id),
)
CASES = Kind(
    "cases",
    ("review_case",),
    rows_of(
        BRAND.c.name.label("brand"),
        _CASE.c.kind,
        case((CONVERSION.c.buyer_id == ME, "buyer"), else_="sharer").label("as"),
        CONVERSION.c.ordered_at,
        _CASE.c.state,
        _CASE.c.outcome,
        _CASE.c.opened_at,
        _CASE.c.closed_at,
    )
    .select_from(_CASE)
    .join(CONVERSION, _ABOUT_THE_ORDER)
    .join(BRAND, BRAND.c.id == _CASE.c.brand_id)
    .outerjoin(PARTICIPANT, PARTICIPANT.c.id == CONVERSION.c.participant_id)
    .where(or_(PARTICIPANT.c.member_id == ME, CONVERSION.c.buyer_id == ME))
    .order_by(_CASE.c.id),
)
PLACES = Kind(
    "places",
    ("participant",),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        BRAND.c.currency,
        PARTICIPANT.c.joined_at,
        PARTICIPANT.c.pot_orders.label("orders"),
        PARTICIPANT.c.pot_visits.label("visits"),
        PARTICIPANT.c.pot_value.label("orders_value_minor"),
        PARTICIPANT.c.pot_branch_credit.label("branch_credit_minor"),
        PARTICIPANT.c.vest_branch_credit.label("vested_branch_credit_minor"),
        PARTICIPANT.c.reach,
        PARTICIPANT.c.granted_minor,
        PARTICIPANT.c.redeemed_minor,
    )
    .select_from(PARTICIPANT)
    .join(OFFER, OFFER.c.id == PARTICIPANT.c.offer_id)
    .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(PARTICIPANT.c.id),
)

_MINE = ":" + cast(PARTICIPANT.c.id, String)
_TAKEN, _GIVEN = _TRANSFER.c.debit.like("%" + _MINE), _TRANSFER.c.credit.like("%" + _MINE)
BOOKINGS = Kind(
    "bookings",
    ("ledger_transfer",),
    rows_of(
        OFFER.c.title.label("offer"),
        _TRANSFER.c.booked_at,
        case((_TAKEN, _TRANSFER.c.debit), else_="").label("from_account"),
        case((_GIVEN, _TRANSFER.c.credit), else_="").label("to_account"),
        _TRANSFER.c.amount_minor,
        BRAND.c.currency,
        _TRANSFER.c.reason,
    )
    .select_from(_TRANSFER)
    .join(PARTICIPANT, PARTICIPANT.c.offer_id == _TRANSFER.c.offer_id)
    .join(OFFER, OFFER.c.id == _TRANSFER.c.offer_id)
    .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    .where(PARTICIPANT.c.member_id == ME, or_(_TAKEN, _GIVEN))
    .order_by(_TRANSFER.c.id),
)
