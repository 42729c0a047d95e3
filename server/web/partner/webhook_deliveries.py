"""What an endpoint was told, what it answered, and telling it again."""

from datetime import datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from sqlmodel import Session

from server import clock
from server.services import webhook_deliveries as deliveries
from server.services.webhook_deliveries import DeliveryView
from server.web import caller
from server.web.database import reading
from server.web.partner import PREFIX, once, paging
from server.web.partner.webhook_endpoints import EndpointPath
from server.web.shapes import In, Moment, Out, ProblemOut, PublicId

bp = APIBlueprint(
    "partner_webhook_deliveries",
    __name__,
    url_prefix=f"{PREFIX}/webhook-endpoints/<endpoint_id>",
    abp_tags=[Tag(name="webhooks")],
)


class DeliveryOut(Out):
    """One event for one endpoint: `waiting`, `delivered`, or `given_up` after ten attempts."""

    delivery_id: str
    event_id: str
    type: str
    state: str
    attempts: int
    happened_at: datetime
    due_at: datetime
    done_at: datetime | None

    @classmethod
    def of(cls, found: DeliveryView) -> "DeliveryOut":
        """Return a delivery as the API writes it."""
        return cls(
            delivery_id=found.public_id,
            event_id=found.event_id,
            type=found.type,
            state=found.state,
            attempts=found.attempts,
            happened_at=found.happened_at,
            due_at=found.due_at,
            done_at=found.done_at,
        )


class AttemptOut(Out):
    """One request to an endpoint and its answer; long answers are cut to 2 000 characters."""

    made_at: datetime
    duration_ms: int
    request_headers: dict[str, str]
    status: int | None
    response_headers: dict[str, str]
    response_body: str
    error: str | None


class DeliveryDetailOut(Out):
    """One delivery with the body that is sent, and every attempt, oldest first."""

    delivery: DeliveryOut
    request_body: str
    attempts: list[AttemptOut]


class DeliveriesOut(paging.PageOut):
    """One page of deliveries."""

    items: list[DeliveryOut]


class DeliveryPath(EndpointPath):
    """Which delivery to which endpoint."""

    delivery_id: PublicId


class ReplayIn(In):
    """From when on events are told again."""

    since: Moment


class ReplayOut(Out):
    """How many deliveries are made again."""

    deliveries: int


@bp.get("/deliveries", responses={200: DeliveriesOut, 304: None, 404: ProblemOut})
def index(path: EndpointPath, query: paging.PageQuery) -> Response:
    """List what an endpoint was told in the last 30 days, newest first."""
    partner = caller.partner("webhooks:manage")
    page = paging.page(partner, query)
    with reading() as db:
        found = deliveries.of_endpoint(
            db,
            brand_id=partner.brand_id,
            endpoint_id=path.endpoint_id,
            before_id=page.before_id,
            limit=page.limit + 1,
        )
    return paging.answer(page, [(one.id, DeliveryOut.of(one)) for one in found])


@bp.get("/deliveries/<delivery_id>", responses={200: DeliveryDetailOut, 404: ProblemOut})
def show(path: DeliveryPath) -> dict[str, object]:
    """Show a delivery with every attempt."""
    partner = caller.partner("webhooks:manage")
    with reading() as db:
        found, attempts = deliveries.find(
            db,
            brand_id=partner.brand_id,
            endpoint_id=path.endpoint_id,
            public_id=path.delivery_id,
        )
    return DeliveryDetailOut(
        delivery=DeliveryOut.of(found),
        request_body=found.body,
        attempts=[AttemptOut.model_validate(one) for one in attempts],
    ).model_dump(mode="json")


@bp.post(
    "/deliveries/<delivery_id>/replay",
    responses={202: DeliveryOut, 404: ProblemOut, 409: ProblemOut},
)
def replay(path: DeliveryPath, header: once.OnceHeader) -> Response:
    """Make a delivery once more, under the same `webhook-id`."""
    partner = caller.partner("webhooks:manage")

    def again(db: Session) -> tuple[DeliveryOut, int]:
        found = deliveries.replay(
            db,
            brand_id=partner.brand_id,
            endpoint_id=path.endpoint_id,
            public_id=path.delivery_id,
            now=clock.now(),
        )
        return DeliveryOut.of(found), 202

    return once.answer(partner, header, again)


@bp.post("/replays", responses={202: ReplayOut, 404: ProblemOut, 409: ProblemOut, 422: ProblemOut})
def replay_since(path: EndpointPath, header: once.OnceHeader, body: ReplayIn) -> Response:
    """Make every delivery of events since a moment once more."""
    partner = caller.partner("webhooks:manage")

    def again(db: Session) -> tuple[ReplayOut, int]:
        count = deliveries.replay_since(
            db,
            brand_id=partner.brand_id,
            endpoint_id=path.endpoint_id,
            since=body.since,
            now=clock.now(),
        )
        return ReplayOut(deliveries=count), 202

    return once.answer(partner, header, again)
