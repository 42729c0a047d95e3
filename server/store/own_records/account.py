"""Records of signing in, of what was agreed to, of connected apps, and of work for brands."""

from sqlalchemy import String, cast, func
from sqlalchemy import select as rows_of

from server.store.audit import AuditEntry
from server.store.consent_texts import ConsentText
from server.store.consents import Consent
from server.store.data_exports import DataExport
from server.store.members import Member
from server.store.oauth_clients import OAuthClient
from server.store.oauth_tokens import OAuthToken
from server.store.own_records.kinds import BRAND, ME, Kind, table_of
from server.store.privacy_requests import PrivacyRequest
from server.store.sessions import BrowserSession
from server.store.teams import TeamMember

_MEMBER, _BROWSER, _CONSENT = table_of(Member), table_of(BrowserSession), table_of(Consent)
_TOKEN, _CLIENT, _EXPORT = table_of(OAuthToken), table_of(OAuthClient), table_of(DataExport)
_TEAM, _AUDIT, _TEXT = table_of(TeamMember), table_of(AuditEntry), table_of(ConsentText)
_REQUEST = table_of(PrivacyRequest)

ACCOUNT = Kind(
    "account",
    ("member",),
    rows_of(_MEMBER.c.issuer, _MEMBER.c.subject, _MEMBER.c.created_at.label("signed_up_at")).where(
        _MEMBER.c.id == ME
    ),
)
BROWSERS = Kind(
    "browsers",
    ("browser_session",),
    rows_of(_BROWSER.c.created_at.label("signed_in_at"), _BROWSER.c.expires_at)
    .where(_BROWSER.c.member_id == ME)
    .order_by(_BROWSER.c.id),
)
CONSENTS = Kind(
    "consents",
    ("consent",),
    rows_of(
        _CONSENT.c.public_id.label("consent_id"),
        _CONSENT.c.purpose,
        _TEXT.c.words.label("text"),
        _CONSENT.c.text_version,
        _CONSENT.c.text_hash,
        _CONSENT.c.language,
        _CONSENT.c.surface,
        _CONSENT.c.given_at,
        _CONSENT.c.withdrawn_at,
    )
    .join(_TEXT, _TEXT.c.hash == _CONSENT.c.text_hash)
    .where(_CONSENT.c.member_id == ME)
    .order_by(_CONSENT.c.id),
)
APPS = Kind(
    "connected_apps",
    ("oauth_token",),
    rows_of(
        _CLIENT.c.title.label("app"),
        _TOKEN.c.scope,
        func.min(_TOKEN.c.issued_at).label("connected_at"),
        func.max(_TOKEN.c.issued_at).label("last_used_at"),
        func.max(_TOKEN.c.refresh_expires_at).label("expires_at"),
        func.max(_TOKEN.c.revoked_at).label("disconnected_at"),
    )
    .join(_CLIENT, _CLIENT.c.id == _TOKEN.c.client_id)
    .where(_TOKEN.c.member_id == ME)
    .group_by(_TOKEN.c.family, _CLIENT.c.title, _TOKEN.c.scope)
    .order_by(func.min(_TOKEN.c.id)),
)
TEAMS = Kind(
    "teams",
    ("team_member",),
    rows_of(BRAND.c.name.label("brand"), _TEAM.c.role)
    .join(BRAND, BRAND.c.id == _TEAM.c.brand_id)
    .where(_TEAM.c.member_id == ME)
    .order_by(_TEAM.c.id),
)
TEAM_ACTIONS = Kind(
    "team_actions",
    ("audit_entry",),
    rows_of(BRAND.c.name.label("brand"), _AUDIT.c.action, _AUDIT.c.subject, _AUDIT.c.at)
    .join(BRAND, BRAND.c.id == _AUDIT.c.brand_id)
    .where(_AUDIT.c.actor == "member:" + cast(ME, String))
    .order_by(_AUDIT.c.id),
)
REQUESTS = Kind(
    "requests",
    ("privacy_request",),
    rows_of(
        BRAND.c.name.label("brand"),
        _REQUEST.c.public_id.label("request_id"),
        _REQUEST.c.kind,
        _REQUEST.c.words,
        _REQUEST.c.received_at,
        _REQUEST.c.due_at,
        _REQUEST.c.extended_until,
        _REQUEST.c.extension_reason,
        _REQUEST.c.state,
        _REQUEST.c.answer,
        _REQUEST.c.answered_at,
    )
    .select_from(_REQUEST)
    .outerjoin(BRAND, BRAND.c.id == _REQUEST.c.brand_id)
    .where(_REQUEST.c.member_id == ME)
    .order_by(_REQUEST.c.id),
)
EXPORTS = Kind(
    "exports",
    ("data_export",),
    rows_of(
        _EXPORT.c.public_id.label("export_id"),
        _EXPORT.c.language,
        _EXPORT.c.asked_at,
        _EXPORT.c.ready_at,
        _EXPORT.c.expires_at,
    )
    .where(_EXPORT.c.member_id == ME)
    .order_by(_EXPORT.c.id),
)
