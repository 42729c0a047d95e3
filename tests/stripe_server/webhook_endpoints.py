"""Webhook endpoints that are registered through the API; the secret is shown once."""

from urllib.parse import urlsplit

from tests.stripe_server.refusals import Refused
from tests.stripe_server.world import Call, Thing, change_metadata, new_id

ENDPOINTS_MAX = 16


def create(call: Call) -> Thing:
    """Register an address for events."""
    given = call.params
    if len(call.account.all("webhook_endpoint")) >= ENDPOINTS_MAX:
        raise Refused("You have reached the maximum of 16 test webhook endpoints.")
    secret = new_id("whsec_", 32)
    endpoint = call.account.add(
        {
            "id": new_id("we_1"),
            "object": "webhook_endpoint",
            "api_version": given.get("api_version"),
            "application": None,
            "created": call.world.now,
            "description": given.get("description") or None,
            "enabled_events": _events(given["enabled_events"]),
            "livemode": False,
            "metadata": given.get("metadata") or {},
            "status": "enabled",
            "url": _url(given["url"]),
            "_connect": given.get("connect", False),
            "_secret": secret,
        }
    )
    return {**endpoint, "secret": secret}


def _events(events: list[str]) -> list[str]:
    if "*" in events and len(events) > 1:
        raise Refused("`*` cannot be used together with other events", param="enabled_events")
    return events


def _url(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Refused("Not a valid URL", code="url_invalid", param="url")
    return url


def update(call: Call) -> Thing:
    """Change where and what is sent."""
    endpoint, given = call.find("webhook_endpoint"), call.params
    if "url" in given:
        endpoint["url"] = _url(given["url"])
    if "enabled_events" in given:
        endpoint["enabled_events"] = _events(given["enabled_events"])
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
    if "description" in given:
        endpoint["description"] = given["description"] or None
    if "metadata" in given:
        change_metadata(endpoint, given["metadata"])
    return endpoint


def delete(call: Call) -> Thing:
    """Forget an address."""
    endpoint = call.find("webhook_endpoint")
    del call.account.all("webhook_endpoint")[endpoint["id"]]
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
