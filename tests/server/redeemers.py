"""A till in a process of its own: waits for the start, then redeems from several threads.

Run as ``python -m tests.server.redeemers URL CLIENT BRAND CODE TILL THREADS``; prints an outcome a
line.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from rewards.money import Money
from server.errors import CodeRefused
from server.services import redemptions
from server.services.validations import Use
from server.store.connection import Database
from tests.server.town import NOON


def redeem_once(database: Database, client_id: int, brand_id: int, code: str, ref: str) -> str:
    """Return ``redeemed``, or the key of the refusal."""
    try:
        with database.transaction() as db:
            redemptions.redeem(
                db,
                client_id=client_id,
                code=code,
                order_ref=ref,
                use=Use(brand_id, Money(100_00, "EUR")),
                now=NOON,
            )
    except CodeRefused as refusal:
        return str(refusal.key)
    return "redeemed"


def main(url: str, client_id: str, brand_id: str, code: str, till: str, threads: str) -> None:
    """Redeem from every thread, each for an order of its own."""
    database = Database(url, pool_size=int(threads)) if "postgres" in url else Database(url)
    with ThreadPoolExecutor(int(threads)) as pool:
        print("ready", flush=True)  # noqa: T201 - this is how it speaks
        sys.stdin.readline()
        outcomes = pool.map(
            lambda n: redeem_once(database, int(client_id), int(brand_id), code, f"{till}-{n}"),
            range(int(threads)),
        )
        for outcome in outcomes:
            print(outcome, flush=True)  # noqa: T201
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
