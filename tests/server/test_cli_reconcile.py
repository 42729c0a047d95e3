"""``fanfare reconcile`` says what differs, and ends with 1 when a person must look."""

import pytest
from click.testing import CliRunner

from server.cli import main
from server.settings import Settings
from tests.server import stripe_world
from tests.server.stripe_site import port, settings, shop, stripe
from tests.server.stripe_world import Shop

__all__ = ["port", "settings", "shop", "stripe"]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    for name in ("database_url", "site_url", "stripe_api_url", "stripe_connect_url"):
        monkeypatch.setenv(name.upper(), str(getattr(settings, name)))
    monkeypatch.setenv("FANFARE_DATA", str(settings.fanfare_data))

    def command(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["reconcile", *words])
        return done.exit_code, done.output

    return command


def test_without_an_account_there_is_nothing_to_compare(run, shop: Shop):
    assert run() == (1, "Error: No Stripe account is connected.\n")


def test_what_differs_is_told_and_what_is_ours_repaired(run, shop: Shop):
    shop.connect()
    shop.work()
    shop.stripe.complete(shop.sells(client_reference_id="cart-1"))

    status, said = run()
    assert status == 0
    assert "repaired  checkout.session.completed" in said
    shop.work()
    assert "nothing differs" in run("--brand", "bertas-boots")[1]
    assert run("--brand", "nobody")[0] == 1


def test_a_silent_stripe_is_told(run, shop: Shop):
    shop.connect()
    shop.work()
    shop.stripe.revoke_key(stripe_world.key_of(shop))

    status, said = run()
    assert status == 1
    assert "does not accept the key" in said
