"""Who changed what for a brand."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from server.services import audits
from server.web.admin import desk
from server.web.database import reading
from server.web.presentation import money, percent

bp = Blueprint("log", __name__, url_prefix="/brands/<slug>/log")

WORDS = {
    "offer.drafted": "wrote the draft of an offer",
    "offer.edited": "changed the draft of an offer",
    "offer.published": "published an offer",
    "offer.ended": "ended an offer",
    "offer.budget_set": "set a budget",
    "code.revoked": "ended a code",
    "client.create": "added a partner",
    "client.revoke": "revoked a partner",
    "webhook.added": "added a webhook endpoint",
    "webhook.changed": "changed a webhook endpoint",
    "webhook.rotated": "gave a webhook endpoint a new secret",
    "webhook.enabled": "enabled a webhook endpoint",
    "webhook.disabled": "disabled a webhook endpoint",
    "webhook.removed": "removed a webhook endpoint",
    "request.answered": "answered a customer's request",
    "request.refused": "refused a customer's request",
    "request.extended": "took more time for a customer's request",
    "stripe.connected": "connected a Stripe account",
    "stripe.signing_secret": "entered a signing secret of Stripe",
    "stripe.disconnecting": "began to disconnect a Stripe account",
    "stripe.disconnected": "disconnected a Stripe account",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; None where there was none."""

    name: str
    before: str | None
    after: str | None


@bp.get("")
def show(slug: str) -> str:
    """Show the audit log, newest first."""
    at = desk.sit_down("team:write", slug)
    with reading() as db:
        lines = audits.of_brand(db, brand_id=at.brand.brand_id)
    return render_template(
        "admin/log.html",
        at=at,
        lines=lines,
        words=WORDS,
        changes=changes,
        most=audits.SHOWN_AT_MOST,
    )


def changes(line: audits.AuditLine, currency: str) -> list[Change]:
    """Return the values that differ, with the members of nested ones by their own names."""
    before, after = _flat(line.before, currency), _flat(line.after, currency)
    return [
        Change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _flat(values: dict[str, Any], currency: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, currency)
            continue
        words = name.removesuffix("_minor").removesuffix("_basis_points").replace("_", " ")
        each = value if isinstance(value, list) else [value]
        flat[words] = ", ".join(_shown(name, one, currency) for one in each)
    return flat


def _shown(name: str, value: object, currency: str) -> str:
    """Write a recorded value with the unit that its name ends with."""
    if isinstance(value, int) and name.endswith("_minor"):
        return money(value, currency)
    if isinstance(value, int) and name.endswith("_basis_points"):
        return percent(value)
    return str(value)
