"""``/m``: whose links this browser muted, kept in a cookie of its own and nowhere else.

The site signs which sharer is meant (``server.services.mutes``), and ``GET /m/<signed>`` adds them
to the cookie or takes them out.  The cookie holds short keyed hashes of sharers, the latest first,
and nothing about the friend whose browser it is.
"""

from server import clock
from server.links import answers
from server.links.answers import Answer
from server.links.rsgi import Headers, Scope
from server.links.words import Page
from server.services import mutes, people
from server.services.mutes import Wish
from server.settings import Settings

MUTED = "muted"
"""Why a click of somebody who muted the sharer is only counted."""
SHARERS_MAX = 60
COOKIE_SECONDS = 365 * 24 * 3600


class Mutes:
    """What knows the cookie."""

    def __init__(self, settings: Settings) -> None:
        """Believe what the site of these settings signed."""
        self._key = settings.secret_key
        self._site_url = settings.site_url
        self._is_secure = settings.link_url.startswith("https://")
        self._cookie = "__Host-fanfare_muted" if self._is_secure else "fanfare_muted"

    def has_muted(self, headers: Headers, sharer: str) -> bool:
        """Tell whether this browser muted the sharer; without a cookie nothing is parsed."""
        if not headers.get("cookie"):
            return False
        is_named = any(sharer in line for line in headers.get_all("cookie"))
        return is_named and sharer in self._sharers(headers)

    def answer(self, scope: Scope, signed: str) -> Answer:
        """Answer ``/m``, where a friend sees and ends their mutes, and ``/m/<signed>``."""
        sharers = self._sharers(scope.headers)
        if scope.method == "POST":
            if sharers and mutes.is_proof(self._key, ".".join(sharers), signed):
                return self._keep([], "/m")
            return answers.page(403, Page.MUTE_REFUSED, scope.headers)
        if not signed:
            return self._page(scope, sharers)
        choice = mutes.read(self._key, signed, now=clock.now())
        if choice is None or people.not_human(scope.method, scope.headers):
            return answers.page(403, Page.MUTE_REFUSED, scope.headers)
        others = [sharer for sharer in sharers if sharer != choice.sharer]
        kept = [choice.sharer, *others] if choice.wish is Wish.MUTE else others
        return self._keep(kept[:SHARERS_MAX], f"{self._site_url}/f/muted/{signed}")

    def _page(self, scope: Scope, sharers: list[str]) -> Answer:
        if not sharers:
            return answers.page(200, Page.NOBODY_MUTED, scope.headers)
        action = f"/m/{mutes.proof(self._key, '.'.join(sharers))}"
        count = str(len(sharers))
        return answers.page(200, Page.MUTED, scope.headers, button=action, count=count)

    def _sharers(self, headers: Headers) -> list[str]:
        for line in headers.get_all("cookie"):
            for pair in line.split(";"):
                name, _, value = pair.strip().partition("=")
                if name == self._cookie:
                    return [kept for kept in value.split(".")[:SHARERS_MAX] if mutes.is_name(kept)]
        return []

    def _keep(self, sharers: list[str], leads_to: str) -> Answer:
        seconds = COOKIE_SECONDS if sharers else 0
        cookie = f"{self._cookie}={'.'.join(sharers)}; Path=/; Max-Age={seconds}; HttpOnly"
        cookie += "; SameSite=Lax; Secure" if self._is_secure else "; SameSite=Lax"
        return answers.with_headers(answers.redirect(leads_to, 303), ("set-cookie", cookie))
