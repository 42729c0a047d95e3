"""Forgetting a visit while its page sends beacons: what is forgotten stays so."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

from server.services import forgetting
from tests.server.links.process import Process, Reply
from tests.server.links.world import World

ROUNDS = 8


def beacon(links: Process, path: str, **body: object) -> Reply:
    return links.ask("POST", f"/b/{path}", body=json.dumps(body).encode())


def seen(links: Process, token: str, nonce: str) -> Reply:
    return beacon(
        links, "seen", token=token, nonce=nonce, visible_ms=1_500, interacted=True, pages=1
    )


def test_a_beacon_that_comes_later_is_refused(links: Process, world: World):
    token = links.click(world.share()).token
    nonce = json.loads(beacon(links, "open", token=token).text)["nonce"]
    with world.database.transaction() as db:
        forgetting.forget(db, visit_token=str(token), now=links.now())
    assert beacon(links, "open", token=token).status == 404
    assert seen(links, str(token), nonce).status == 404
    assert world.visits() == []


def test_beacons_at_the_same_moment_resurrect_nothing(links: Process, world: World):
    """Two tabs of one visitor report while a third forgets; whoever loses is told so."""
    for round_ in range(ROUNDS):
        address = f"198.51.100.{round_}"
        code = world.share()
        first, second = (str(links.click(code, address=address).token) for _ in range(2))
        nonce = json.loads(beacon(links, "open", token=second).text)["nonce"]
        links.later(seconds=2)
        start = threading.Barrier(4)

        def forget(start=start, first=first) -> int:
            start.wait(30)
            with world.database.transaction() as db:
                return forgetting.forget(db, visit_token=first, now=links.now()).erased

        def report(path: str, start=start, first=first, second=second, nonce=nonce) -> int:
            start.wait(30)
            if path == "open":
                return beacon(links, "open", token=first).status
            return seen(links, second, nonce).status

        def click(start=start, code=code, address=address) -> str | None:
            start.wait(30)
            return links.click(code, address=address).token

        with ThreadPoolExecutor(4) as threads:
            done = threads.submit(forget)
            statuses = [threads.submit(report, path) for path in ("open", "seen")]
            again = threads.submit(click)
        assert done.result() in {2, 3}, "the third click came before or after"
        assert {status.result() for status in statuses} <= {200, 204, 404, 409}
        left = {row["token"] for row in world.visits()}
        assert left <= {again.result()}
        with world.database.transaction() as db:
            forgetting.forget(db, visit_token=str(again.result()), now=links.now())
    assert world.visits() == []
