"""One request from its header to its answer, in the order in which Stripe looks at it."""

from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe._api_version import _ApiVersion
from stripe._oauth import OAuth

from tests.stripe_server import accounts, connect, expand, parameters, promotion_codes, routes
from tests.stripe_server.checkout import grow_old
from tests.stripe_server.failures import Failure, Failures
from tests.stripe_server.idempotency import Answer, Idempotency
from tests.stripe_server.refusals import OAuthRefused, Refused
from tests.stripe_server.world import Account, Call, Key, World, hidden, new_id

HOLD_SECONDS_MAX = 30


@dataclass
class Request:
    """A request as it came, and what became of it."""

    method: str
    path: str
    form: dict[str, Any]
    headers: Mapping[str, str]
    id: str = field(default_factory=lambda: new_id("req_", 14))
    account_id: str | None = None
    status: int | None = None
    """None for a request whose connection was cut."""
    replayed: bool = False

    @property
    def idempotency_key(self) -> str | None:
        """The key, which only counts in a POST."""
        return self.headers.get("Idempotency-Key") if self.method == "POST" else None

    @property
    def version(self) -> str | None:
        """The API version that was asked for."""
        return self.headers.get("Stripe-Version")

    @property
    def secret(self) -> str:
        """The key in the header."""
        return self.headers.get("Authorization", "").removeprefix("Bearer ").strip()


class Cut(Exception):
    """The connection ends here, without an answer."""


class Params(dict[str, Any]):
    """Parameters that know which of them were read: none may be ignored silently."""

    def __init__(self, given: dict[str, Any]):
        super().__init__({name: _inner(name, value) for name, value in given.items()})
        self.read = {"expand"}

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def must_be_read(self) -> None:
        """Refuse what Stripe would do and we did not."""
        ignored = sorted(self.unread())
        if ignored:
            raise Refused(f"The test server does not do anything with {ignored}.", status=501)

    def unread(self) -> Iterator[str]:
        """Iterate over the names of what was not read, here and within."""
        for name, value in super().items():
            if name not in self.read:
                yield name
            elif isinstance(value, Params):
                yield from (f"{name}[{inner}]" for inner in value.unread())
            elif isinstance(value, list):
                for item in value:
                    if isinstance(item, Params):
                        yield from (f"{name}[][{inner}]" for inner in item.unread())

    def items(self) -> ItemsView[str, Any]:
        """Return everything, which is thereby read."""
        self.read |= set(self)
        return super().items()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter, or the default."""
        self.read.add(name)
        return super().get(name, default)


def _inner(name: str, value: Any) -> Any:
    if name == "metadata":
        return value
    if isinstance(value, dict):
        return Params(value)
    return [_inner("", item) for item in value] if isinstance(value, list) else value


@dataclass
class Api:
    """What the server is made of."""

    world: World
    connect: connect.Connect
    failures: Failures = field(default_factory=Failures)
    idempotency: Idempotency = field(default_factory=Idempotency)

    def answer(self, request: Request) -> Answer:
        """Answer a request.

        Raises:
            Cut: the connection shall be closed without an answer.
        """
        failure = self.failures.take(request.method, request.path)
        try:
            if failure is not None and not failure.after_effect and failure.hold is None:
                self.failures.wait(failure)
                if failure.cut:
                    raise Cut
                if failure.status is not None:
                    return Answer(failure.status, failure.body(), request.id)
            return self._answer(request, failure)
        except (Refused, OAuthRefused) as refused:
            return Answer(refused.status, refused.body(request.id), request.id)

    def _answer(self, request: Request, failure: Failure | None) -> Answer:
        with self.world.lock:
            if request.path.startswith("/oauth/"):
                return self._finish(failure, Answer(200, self._oauth(request), request.id))
            key = self.world.key_for(_secret(request))
            account = accounts.account_for(self.world, key, request.headers.get("Stripe-Account"))
            request.account_id = account.id
            _check_version(request)
            route, parts = _route(request)
            _check_permission(key, route.permission, account)
            call = Call(
                self.world,
                account,
                key,
                request.path,
                parts,
                {},
                request.id,
                request.idempotency_key,
            )
        return self._once(request, route, call, failure)

    def _once(
        self, request: Request, route: routes.Route, call: Call, failure: Failure | None
    ) -> Answer:
        """Give the first answer again to a key that was used before."""
        key = request.idempotency_key
        if key is None:
            return self._finish(failure, self._work(request, route, call, failure))
        owner, now = call.account.id, self.world.now
        first = self.idempotency.begin(owner, key, request.path, request.form, now)
        if first is not None:
            request.replayed = True
            return first
        answer = None
        try:
            answer = self._work(request, route, call, failure)
            if failure is not None and failure.after_effect and failure.status is not None:
                answer = Answer(failure.status, failure.body(), request.id)
        finally:
            if answer is None:
                self.idempotency.forget(owner, key)
            else:
                self.idempotency.remember(owner, key, answer)
        return self._finish(failure, answer)

    def _work(
        self, request: Request, route: routes.Route, call: Call, failure: Failure | None
    ) -> Answer:
        """Do what was asked; what is refused before the work begins is raised."""
        params = call.params = Params(parameters.check(request.form, route.shape))
        if failure is not None and failure.hold is not None:
            failure.hold.arrived.set()
            failure.hold.released.wait(HOLD_SECONDS_MAX)
        try:
            with self.world.lock:
                self.grow_old()
                thing = route.handler(call)
                params.must_be_read()
                body = expand.expand(call.account, thing, params.get("expand", []))
        except Refused as refused:
            return Answer(refused.status, refused.body(request.id), request.id)
        return Answer(200, body, request.id)

    def _finish(self, failure: Failure | None, answer: Answer) -> Answer:
        """Let what was done fail afterwards, if it shall."""
        if failure is None or not failure.after_effect:
            return answer
        self.failures.wait(failure)
        if failure.cut:
            raise Cut
        if failure.status is None:
            return answer
        return Answer(failure.status, failure.body(), answer.request_id)

    def grow_old(self) -> None:
        """Let everything happen that the time brings."""
        for account in self.world.accounts.values():
            promotion_codes.grow_old(account, self.world.now)
            grow_old(self.world, account)

    def _oauth(self, request: Request) -> dict[str, Any]:
        shape = {
            ("POST", "/oauth/token"): OAuth.OAuthTokenParams,
            ("POST", "/oauth/deauthorize"): OAuth.OAuthDeauthorizeParams,
        }.get((request.method, request.path))
        if shape is None:
            raise OAuthRefused("invalid_request", f"No such page: {request.path}", status=404)
        form = dict(request.form)
        key = self.world.key_for(form.pop("client_secret", None) or _secret(request))
        try:
            form = parameters.check(form, shape)
        except Refused as refused:
            is_grant = "grant_type" in form and refused.error.get("param") == "grant_type"
            kind = "unsupported_grant_type" if is_grant else "invalid_request"
            raise OAuthRefused(kind, str(refused)) from None
        if request.path == "/oauth/token":
            return connect.token(self.world, self.connect, key, form)
        return connect.deauthorize(self.world, self.connect, key, form)


def _secret(request: Request) -> str:
    if not request.secret:
        raise Refused(
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
            "YOUR_SECRET_KEY').",
            status=401,
        )
    return request.secret


def _check_version(request: Request) -> None:
    if request.version not in {None, _ApiVersion.CURRENT}:
        raise Refused(
            f"Invalid Stripe API version: {request.version}. The test server speaks "
            f"{_ApiVersion.CURRENT}."
        )


def _route(request: Request) -> tuple[routes.Route, dict[str, str]]:
    found = routes.find(request.method, request.path)
    if found is None:
        raise Refused(
            f"Unrecognized request URL ({request.method}: {request.path}). Please see "
            "https://stripe.com/docs or we can help at https://support.stripe.com/.",
            status=404,
        )
    return found


def _check_permission(key: Key, permission: str, account: Account) -> None:
    if key.permissions is None or permission in key.permissions:
        return
    if permission.endswith("_read") and f"{permission[:-5]}_write" in key.permissions:
        return
    raise Refused(
        f"The provided key '{hidden(key.secret)}' does not have the required permissions for this "
        f"endpoint on account '{account.id}'. Having the 'rak_{permission}' permission would "
        "allow this request to continue.",
        status=403,
    )
