"""Berta's Boots at Stripe, and the package's client with her key."""

from collections.abc import Iterator

import pytest
from stripe import StripeClient

from tests.stripe_server import StripeServer


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def boots(stripe: StripeServer) -> str:
    return stripe.account("Berta's Boots")


@pytest.fixture
def client(stripe: StripeServer, boots: str) -> StripeClient:
    return StripeClient(stripe.key(boots), base_addresses=stripe.base_addresses)
