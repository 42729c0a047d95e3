"""Schemathesis against the running site: every operation that the document names, and no other.

It reads ``/openapi.json`` of the production server, sends what fits and what does not, follows the
links from answer to request, and holds every answer to the document.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from server import clock
from server.services import consents
from server.settings import CHECKOUT, Settings
from server.store.connection import Database
from tests import make
from tests.ports import free_port
from tests.programs import Program
from tests.server import town as towns
from tests.server.conftest import Tokens

SEED = 20261124
CASES_PER_OPERATION = 80
ENOUGH_SECONDS = 900
CODES = 40
REPORT = "report.ndjson"
LIMITS = ("REQUESTS_PER_MINUTE", "ANONYMOUS_REQUESTS_PER_MINUTE", "CODE_GUESSES_PER_MINUTE")
WELL_KNOWN = {
    "GET /api/partner/v1/offers",
    "POST /api/partner/v1/codes/{code}/validation",
    "POST /api/partner/v1/reservations",
    "DELETE /api/partner/v1/reservations/{reservation_id}",
    "POST /api/partner/v1/redemptions",
    "GET /api/partner/v1/redemptions",
    "GET /api/partner/v1/redemptions/{redemption_id}",
    "POST /api/partner/v1/redemptions/{redemption_id}/rollback",
    "POST /api/partner/v1/conversions",
    "POST /api/partner/v1/conversions/{conversion_id}/reversals",
    "GET /api/partner/v1/webhook-endpoints",
    "POST /api/partner/v1/webhook-endpoints",
    "GET /api/partner/v1/webhook-endpoints/{endpoint_id}",
    "PATCH /api/partner/v1/webhook-endpoints/{endpoint_id}",
    "DELETE /api/partner/v1/webhook-endpoints/{endpoint_id}",
    "POST /api/partner/v1/webhook-endpoints/{endpoint_id}/test",
    "GET /api/partner/v1/webhook-endpoints/{endpoint_id}/deliveries",
    "GET /api/partner/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}",
    "GET /api/extension/v1/offers",
    "GET /api/extension/v1/wallet",
    "POST /api/extension/v1/shares",
    "GET /api/extension/v1/shares/{code}/qr.svg",
    "POST /api/extension/v1/shares/{code}/withdrawal",
    "POST /api/extension/v1/referral-claims",
}
"""What is reached with good data; others are found by themselves, and held to the document."""

CONFIG = """
seed = {seed}
continue-on-failure = true
max-redirects = 0
request-timeout = 20
workers = 1
headers = {{ Authorization = "Bearer {partner}" }}

[generation]
max-examples = {cases}
database = "none"
no-shrink = true

[phases.stateful]
max-steps = 8

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 403, 404, 409, 422]
[checks.negative_data_rejection]
expected-statuses = [401, 403, 404, 405, 413, 415, 422]

[reports.ndjson]
path = "{report}"

[parameters]
"path.code" = {{ dictionary = "codes", probability = 0.6 }}
"body.code" = {{ dictionary = "codes", probability = 0.6 }}
"body.currency" = {{ dictionary = "currencies", probability = 0.8 }}
"body.order_total_minor" = {{ dictionary = "totals", probability = 0.5 }}
"body.visit_token" = {{ dictionary = "visits", probability = 0.4 }}

[[operations]]
include-path-regex = "^/api/extension/"
exclude-path = "/api/extension/v1/referral-claims"
headers = {{ Authorization = "Bearer {person}" }}
[operations.parameters]
"path.code" = {{ dictionary = "links", probability = 0.6 }}
"body.offer_id" = {{ dictionary = "offers", probability = 0.8 }}
"body.channel" = {{ dictionary = "channels", probability = 0.8 }}
"body.consent_hash" = {{ dictionary = "consents", probability = 0.8 }}
"body.language" = {{ dictionary = "languages", probability = 0.9 }}
"body.created_at" = {{ dictionary = "moments", probability = 0.8 }}

[[operations]]
include-path = "/api/extension/v1/referral-claims"
headers = {{ Authorization = "Bearer {person}" }}
[operations.parameters]
"body.consent_hash" = {{ dictionary = "claims", probability = 0.9 }}
"body.language" = {{ dictionary = "languages", probability = 0.9 }}
"body.visit_token" = {{ dictionary = "visits", probability = 0.9 }}
"""
"""Half of what is sent is what Ada and Berta's shop would send; the rest is anything."""


@dataclass(frozen=True)
class World:
    """Who asks: Berta's shop and Bela; and the words that mean something in their world."""

    partner: str
    person: str
    words: dict[str, list[str] | list[int]]

    def config(self, report: Path) -> str:
        """Write what Schemathesis is told."""
        told = CONFIG.format(
            seed=SEED,
            cases=CASES_PER_OPERATION,
            report=report,
            partner=self.partner,
            person=self.person,
        )
        dictionaries = "".join(
            f"\n[dictionaries.{name}]\nvalues = {json.dumps(values)}\n"
            for name, values in self.words.items()
        )
        return told + dictionaries


@pytest.fixture
def world(database: Database, partner_token: Tokens, app_token: Tokens) -> World:
    """Return Berta's shop, with Ada's codes and visits through her link."""
    with database.transaction() as db:
        town = towns.found(db, budget_minor=100_000_00)
        town.now = clock.now() - timedelta(days=20)
        town.shares("Ada")
        town.orders("30000.00", through="Ada")
        town.time_passes()
        taken = [
            make.code(db, town.people["Ada"], town.offer, value="5.00", now=clock.now()).code
            for _ in range(CODES)
        ]
        visits = [make.visit(db, town.links["Ada"], now=clock.now()) for _ in range(5)]
        bela = town.member("Bela")
    words = {
        "codes": taken,
        "visits": visits,
        "links": list(town.links.values()),
        "offers": [town.offer.public_id],
        "currencies": ["EUR"],
        "totals": [100_00, 60_00],
        "channels": ["copy"],
        "languages": ["en"],
        "consents": [consents.text(consents.SHARE).hash],
        "claims": [consents.text(consents.REFERRAL).hash],
        "moments": [clock.now().isoformat()],
    }
    return World(partner_token(town.brand_id), app_token(bela), words)


@pytest.fixture
def site(tmp_path: Path, settings: Settings):
    """Run the site as in production, with limits that this test never reaches."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    program = Program(
        "site",
        tmp_path,
        {
            "DATABASE_URL": settings.database_url.replace("+psycopg", ""),
            "SITE_BIND": address,
            "SITE_URL": f"http://{address}",
            **dict.fromkeys(
                ("REQUESTS_PER_MINUTE", "ANONYMOUS_REQUESTS_PER_MINUTE", "CODE_GUESSES_PER_MINUTE"),
                "1000000000",
            ),
        },
        f"http://{address}/healthz",
    )
    program.start()
    yield f"http://{address}"
    program.stop()


def run(site: str, folder: Path, world: World) -> subprocess.CompletedProcess[str]:
    """Let Schemathesis loose on the site."""
    config = folder / "schemathesis.toml"
    config.write_text(world.config(folder / REPORT))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    return subprocess.run(  # noqa: S603 - ours
        [*command, f"{site}/openapi.json", "--no-color", "--warnings", "off"],
        cwd=folder,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.server.fuzz_checks",
            "PYTHONPATH": str(CHECKOUT),
        },
        capture_output=True,
        text=True,
        timeout=ENOUGH_SECONDS,
        check=False,
    )


def answers(report: Path) -> Counter[tuple[str, int]]:
    """Count the answers in a report by operation and status."""
    counted: Counter[tuple[str, int]] = Counter()
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for case, exchange in recorder.get("interactions", {}).items():
            sent = recorder["cases"][case]["value"]
            if exchange["response"]:
                counted[
                    f"{sent['method']} {sent['path']}", exchange["response"]["status_code"]
                ] += 1
    return counted


def told(counted: Counter[tuple[str, int]], dialect: str) -> str:
    """Return the summary in a line."""
    by_status: Counter[int] = Counter()
    for (_, status), count in counted.items():
        by_status[status] += count
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(by_status.items()))
    operations = len({name for name, status in counted if status != 405 and "OPTIONS" not in name})
    return (
        f"Schemathesis on {dialect}: {by_status.total()} requests to {operations} operations"
        f" (seed {SEED}); answers {statuses}."
    )


def test_every_answer_is_documented(
    site: str, tmp_path: Path, world: World, dialect: str, record_property
):
    ran = run(site, tmp_path, world)
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr

    counted = answers(tmp_path / REPORT)
    record_property("told", told(counted, dialect))
    assert not [found for found in counted if found[1] >= 500]
    reached = {operation for operation, status in counted if status < 300}
    assert reached >= WELL_KNOWN, "the world has what these need to be answered well"
