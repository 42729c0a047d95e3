"""``GET /r/<code>``: filter, store durably, then lead on to the offer's page."""

import secrets

from rewards import evidence
from server import clock
from server.links import answers, visitors
from server.links.answers import Answer
from server.links.codes import CodeTable, State, Target
from server.links.datacentres import DatacentreFile
from server.links.mutes import MUTED, Mutes
from server.links.records import Arrival, Store, Uncounted
from server.links.rsgi import Headers, Scope
from server.links.words import Page
from server.links.writer import Writer
from server.services import addresses, devices, people
from server.settings import Settings

TOKEN_BYTES = 16
GLOBAL_PRIVACY_CONTROL = "gpc"
"""Why a click of a visitor who asked not to be recognised is only counted."""


class Clicks:
    """What answers share links."""

    def __init__(self, store: Store, writer: Writer, mutes: Mutes, settings: Settings) -> None:
        """Keep the table of codes and the salt of the day."""
        self._codes = CodeTable(store, settings)
        self._salts, self._networks = visitors.Salts(store), visitors.Networks(store)
        self._writer = writer
        self._mutes = mutes
        networks = settings.datacentre_networks
        self._datacentres = DatacentreFile(networks) if networks else None
        self._trusted_proxies = settings.trusted_proxies

    async def answer(self, scope: Scope, code: str) -> Answer:
        """Answer a visitor of the link with this code.

        Raises:
            Unavailable: the click could not be stored; the visitor may try again.

        """
        target = await self._codes.find(code)
        if target is None or target.state is not State.ALIVE:
            return _dead_end(target, scope.headers)
        reason: str | None = people.not_human(scope.method, scope.headers)
        if reason is None and self._is_in_a_datacentre(scope):
            reason = evidence.NotHuman.DATACENTRE
        elif reason is None and self._mutes.has_muted(scope.headers, target.sharer):
            reason = MUTED
        elif reason is None and people.wants_no_key(scope.headers):
            reason = GLOBAL_PRIVACY_CONTROL
        if reason is None:
            return await self._person(scope, code, target)
        if reason != evidence.NotHuman.HEAD:
            await self._writer.write(Uncounted(target.share_id, clock.now().date(), reason))
        if reason == evidence.NotHuman.SPECULATIVE and people.is_fetched_ahead(scope.headers):
            return answers.page(503, Page.BUSY, scope.headers)  # or it is shown to who clicks later
        is_person = reason == GLOBAL_PRIVACY_CONTROL
        return answers.redirect(target.unknown if is_person else target.page)

    async def _person(self, scope: Scope, code: str, target: Target) -> Answer:
        now, offer = clock.now(), target.offer_public_id
        address, agent = self._address(scope), people.user_agent(scope.headers)
        key = evidence.visitor_key(await self._salts.of(now.date()), offer, address, agent)
        network = await self._networks.of(now.date(), offer, address)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        device = devices.name_of(agent)
        if not await self._writer.write(
            Arrival(token, target.share_id, key, now, *network, device)
        ):
            return _dead_end(await self._codes.ask_again(code), scope.headers)
        return answers.redirect(f"{target.before}{token}{target.after}")

    def _is_in_a_datacentre(self, scope: Scope) -> bool:
        if self._datacentres is None:
            return False
        packed = addresses.packed(self._address(scope))
        return packed is not None and self._datacentres.has(packed)

    def _address(self, scope: Scope) -> str:
        forwarded = scope.headers.get_all("x-forwarded-for") if self._trusted_proxies else []
        return visitors.client_address(scope.client, forwarded, self._trusted_proxies)


def _dead_end(target: Target | None, headers: Headers) -> Answer:
    """Say kindly that a link leads nowhere (any more)."""
    if target is None:
        return answers.page(404, Page.UNKNOWN, headers)
    return answers.page(
        410,
        Page.WITHDRAWN if target.state is State.WITHDRAWN else Page.ENDED,
        headers,
        leads_to=target.page if _is_web(target.page) else "",
        brand=target.brand,
        offer=target.title,
    )


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))
