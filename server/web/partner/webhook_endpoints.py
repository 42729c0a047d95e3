"""Where the brand's own systems are told what happened."""

from datetime import datetime
from typing import Annotated

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from server import clock
from server.gateways import targets
from server.gateways import webhooks as gateway
from server.services import events
from server.services import webhook_endpoints as endpoints
from server.services.webhook_endpoints import Actor, EndpointView
from server.web import caller
from server.web.database import reading, settings, transaction
from server.web.partner import PREFIX, once
from server.web.shapes import In, Out, ProblemOut, PublicId

bp = APIBlueprint(
    "partner_webhook_endpoints",
    __name__,
    url_prefix=f"{PREFIX}/webhook-endpoints",
    abp_tags=[Tag(name="webhooks")],
)

Url = Annotated[str, StringConstraints(strict=True, min_length=8, max_length=targets.URL_MAX)]
Types = Annotated[
    list[str],
    Field(max_length=50, description=f"Of {', '.join(events.ALL)}; none named: all of them."),
]
Description = Annotated[str, StringConstraints(strict=True, max_length=80)]


class EndpointIn(In):
    """An address that wants to be told what happened, and of which kinds of events."""

    url: Url
    description: Description = ""
    types: Types = Field(default_factory=list)


class EndpointChangeIn(In):
    """What to change of an endpoint; what is left out stays."""

    url: Url | None = None
    description: Description | None = None
    types: Types | None = None


class EndpointOut(Out):
    """One endpoint; it is not told anything while ``disabled_at`` says since when."""

    endpoint_id: str
    url: str
    description: str
    types: list[str]
    created_at: datetime
    old_secret_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None

    @classmethod
    def of(cls, found: EndpointView) -> "EndpointOut":
        """Return an endpoint as the API writes it."""
        return cls(
            endpoint_id=found.public_id,
            url=found.url,
            description=found.description,
            types=list(found.types),
            created_at=found.created_at,
            old_secret_until=found.old_secret_until,
            failing_since=found.failing_since,
            disabled_at=found.disabled_at,
            disabled_why=found.disabled_why,
        )


class EndpointSecretOut(EndpointOut):
    """An endpoint with its secret, which is shown this once."""

    secret: str

    @classmethod
    def with_secret(cls, found: EndpointView) -> "EndpointSecretOut":
        """Return an endpoint that has a new secret as the API writes it."""
        return cls(**EndpointOut.of(found).model_dump(), secret=found.secret)


class EndpointsOut(Out):
    """All of the brand's endpoints, oldest first; there are at most ten."""

    items: list[EndpointOut]


class EndpointPath(BaseModel):
    """Which endpoint."""

    endpoint_id: PublicId


def actor(partner: caller.Partner) -> Actor:
    """Return how endpoints know a partner's client."""
    return Actor(partner.brand_id, f"partner:{partner.client_id}", settings().sealing_key)


@bp.get("", responses={200: EndpointsOut})
def index() -> dict[str, object]:
    """List the brand's endpoints."""
    partner = caller.partner("webhooks:manage")
    with reading() as db:
        found = endpoints.of_brand(db, brand_id=partner.brand_id)
    return EndpointsOut(items=[EndpointOut.of(one) for one in found]).model_dump(mode="json")


@bp.post("", responses={201: EndpointSecretOut, 409: ProblemOut, 422: ProblemOut})
def create(header: once.OnceHeader, body: EndpointIn) -> Response:
    """Add an endpoint; the answer holds its secret, once."""
    partner = caller.partner("webhooks:manage")
    gateway.check(body.url, allow_loopback=settings().demo)

    def add(db: Session) -> tuple[EndpointSecretOut, int]:
        found = endpoints.add(
            db,
            by=actor(partner),
            url=body.url,
            description=body.description,
            types=body.types,
            now=clock.now(),
        )
        return EndpointSecretOut.with_secret(found), 201

    return once.answer(partner, header, add, holds_a_secret=True)


@bp.get("/<endpoint_id>", responses={200: EndpointOut, 404: ProblemOut})
def show(path: EndpointPath) -> dict[str, object]:
    """Show an endpoint."""
    partner = caller.partner("webhooks:manage")
    with reading() as db:
        found = endpoints.find(db, brand_id=partner.brand_id, public_id=path.endpoint_id)
    return EndpointOut.of(found).model_dump(mode="json")


@bp.patch("/<endpoint_id>", responses={200: EndpointOut, 404: ProblemOut, 422: ProblemOut})
def change(path: EndpointPath, body: EndpointChangeIn) -> dict[str, object]:
    """Change an endpoint's address, description or types."""
    partner = caller.partner("webhooks:manage")
    if body.url is not None:
        gateway.check(body.url, allow_loopback=settings().demo)
    with transaction() as db:
        found = endpoints.change(
            db,
            by=actor(partner),
            public_id=path.endpoint_id,
            url=body.url,
            description=body.description,
            types=body.types,
            now=clock.now(),
        )
    return EndpointOut.of(found).model_dump(mode="json")


@bp.delete("/<endpoint_id>", responses={204: None, 404: ProblemOut})
def delete(path: EndpointPath) -> tuple[str, int]:
    """Remove an endpoint; what waits for it is not told any more."""
    partner = caller.partner("webhooks:manage")
    with transaction() as db:
        endpoints.remove(db, by=actor(partner), public_id=path.endpoint_id, now=clock.now())
    return "", 204


@bp.post(
    "/<endpoint_id>/secret-rotation",
    responses={200: EndpointSecretOut, 404: ProblemOut, 409: ProblemOut},
)
def rotate(path: EndpointPath, header: once.OnceHeader) -> Response:
    """Give an endpoint a new secret; for 24 hours the old one signs along."""
    partner = caller.partner("webhooks:manage")

    def renew(db: Session) -> tuple[EndpointSecretOut, int]:
        found = endpoints.rotate(db, by=actor(partner), public_id=path.endpoint_id, now=clock.now())
        return EndpointSecretOut.with_secret(found), 200

    return once.answer(partner, header, renew, holds_a_secret=True)


@bp.post("/<endpoint_id>/enabling", responses={200: EndpointOut, 404: ProblemOut, 409: ProblemOut})
def enable(path: EndpointPath, header: once.OnceHeader) -> Response:
    """Tell a disabled endpoint again, beginning with what waited."""
    partner = caller.partner("webhooks:manage")

    def turn_on(db: Session) -> tuple[EndpointOut, int]:
        found = endpoints.enable(db, by=actor(partner), public_id=path.endpoint_id, now=clock.now())
        return EndpointOut.of(found), 200

    return once.answer(partner, header, turn_on)


@bp.post(
    "/<endpoint_id>/test",
    responses={202: EndpointOut, 404: ProblemOut, 409: ProblemOut, 422: ProblemOut},
)
def test(path: EndpointPath, header: once.OnceHeader) -> Response:
    """Send a `webhook.test` to an endpoint; its deliveries say what came of it."""
    partner = caller.partner("webhooks:manage")

    def send(db: Session) -> tuple[EndpointOut, int]:
        by, now = actor(partner), clock.now()
        endpoints.send_test(db, by=by, public_id=path.endpoint_id, now=now)
        found = endpoints.find(db, brand_id=by.brand_id, public_id=path.endpoint_id)
        return EndpointOut.of(found), 202

    return once.answer(partner, header, send)
