"""How much is kept about one person; no table of its own."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, func, select

from server.store.answers import Answer
from server.store.consents import Consent
from server.store.conversions import Conversion
from server.store.oauth_tokens import OAuthToken
from server.store.privacy_requests import PrivacyRequest
from server.store.referrals import Referral
from server.store.sessions import BrowserSession
from server.store.shares import Share
from server.store.teams import Role, TeamMember


class PersonCounts(NamedTuple):
    """How many rows of each kind would lose a person, or go with them."""

    sign_ins: int
    apps: int
    shares: int
    names: int
    consents: int
    referrals: int
    orders: int
    answers: int
    requests: int


def of_member(db: Session, member_id: int, *, now: datetime) -> PersonCounts:
    """Count what is kept about a person now."""
    return PersonCounts(
        sign_ins=_count(
            db,
            BrowserSession,
            BrowserSession.member_id == member_id,
            col(BrowserSession.expires_at) > now,
        ),
        apps=db.exec(
            select(func.count(func.distinct(OAuthToken.family))).where(
                OAuthToken.member_id == member_id,
                col(OAuthToken.revoked_at).is_(None),
                col(OAuthToken.replaced_at).is_(None),
                col(OAuthToken.refresh_expires_at) > now,
            )
        ).one(),
        shares=_count(db, Share, Share.member_id == member_id),
        names=db.exec(
            select(func.count(func.distinct(Share.shown_as))).where(
                Share.member_id == member_id, Share.shown_as != ""
            )
        ).one(),
        consents=_count(db, Consent, Consent.member_id == member_id),
        referrals=_count(db, Referral, Referral.friend_id == member_id),
        orders=_count(db, Conversion, Conversion.buyer_id == member_id),
        answers=_count(db, Answer, Answer.member_id == member_id),
        requests=_count(db, PrivacyRequest, PrivacyRequest.member_id == member_id),
    )


def other_owners(db: Session, *, brand_id: int, member_id: int) -> int:
    """Return how many others own a brand; call ``brands.lock`` before, if it decides something."""
    return _count(
        db,
        TeamMember,
        TeamMember.brand_id == brand_id,
        TeamMember.role == Role.OWNER,
        TeamMember.member_id != member_id,
    )


def _count(db: Session, model: type[SQLModel], *these: ColumnElement[bool] | bool) -> int:
    return db.exec(select(func.count()).select_from(model).where(*these)).one()
