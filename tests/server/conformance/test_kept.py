"""The site that we ship keeps the contract, on both databases, and the kit says so in two forms."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server import clock
from server.cli import main
from server.conformance import listening
from server.conformance.contract import Verdict
from server.conformance.run import CODES_NEEDED, GROUPS
from server.conformance.shop import Hook
from server.demo import codes
from server.demo import run as demo
from server.services import checks
from server.store.connection import Database
from tests.server.conformance.conftest import Deployment, hold
from tests.server.middleman import Given, Sent

REFUSED = {"revoked", "expired", "not_yet_valid", "holder_mismatch"}
PROMISES = sum(len(group.checks) for group in GROUPS)


@pytest.fixture
def fanfare(site: Deployment, monkeypatch: pytest.MonkeyPatch):
    """Run a command on the machine of the site."""
    settings = site.settings
    monkeypatch.setenv("FANFARE_DATA", str(settings.fanfare_data))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SITE_URL", settings.site_url)

    def run(*arguments: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=given, catch_exceptions=False)

    yield run
    clock.follow(None)


def test_the_demo_keeps_every_promise(fanfare, database: Database, tmp_path: Path, record_property):
    told = fanfare("demo-conformance", "--junit", str(tmp_path / "kept.xml"))

    assert told.exit_code == 0, told.output
    promises = PROMISES + len(REFUSED) + len(listening.LISTENING.checks)
    assert f"{promises} promises: {promises} kept." in told.stdout
    record_property("told", f"The partner contract on {database.engine.name}:\n{told.stdout}")
    with database.reading() as db:
        assert checks.everything(db) == []

    root = ET.parse(tmp_path / "kept.xml").getroot()  # noqa: S314 - ours
    assert root.tag == "testsuites"
    assert [suite.get("name") for suite in root] == [group.name for group in GROUPS]
    assert root.get("tests") == str(len(root.findall("testsuite/testcase")))
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "0")
    for case in root.iter("testcase"):
        assert case.get("classname", "").startswith("conformance.")
        assert case.get("name")
        assert float(case.get("time", "")) > 0
        assert len(case) == 0


def test_any_deployment_is_checked_with_a_key_and_codes(fanfare, site: Deployment):
    granted = fanfare("demo-codes", "--count", str(CODES_NEEDED - 1)).stdout.split()
    last = fanfare("demo-codes", "--count", "1").stdout.strip()
    refused = codes.give_refused(site.settings, now=clock.now())
    key = demo.credentials(site.settings)
    assert len({*granted, last}) == CODES_NEEDED
    assert refused.keys() == REFUSED

    told = fanfare(
        *("conformance", "--base-url", f"{site.settings.site_url}/"),
        *("--client-id", key.client_id, "--client-secret", key.client_secret),
        *("--codes", "-", "--code", last, "--parallel", "4"),
        *("--refused", f"revoked={refused['revoked']}"),
        given="\n".join([*granted, "", granted[0]]),
    )

    assert told.exit_code == 0, told.output
    assert f"{PROMISES + 1} promises: {PROMISES + 1} kept." in told.stdout


def test_a_deployment_that_counts_requests_is_waited_for(fanfare, site: Deployment):
    asked: list[str] = []

    def busy_at_first(sent: Sent, given: Given) -> None:
        if sent.path.endswith("/validation"):
            asked.append(sent.path)
            if len(asked) == 1:
                given.status, given.headers["Retry-After"] = 429, "1"

    site.middleman.spoil_answer = busy_at_first
    told = fanfare("demo-conformance", "--parallel", "2")

    assert told.exit_code == 0, told.output
    assert asked[0] == asked[1]


def test_events_whose_signatures_are_wrong_are_told(site: Deployment):
    def tells_another_secret(sent: Sent, given: Given) -> None:
        if sent.path.endswith("/webhook-endpoints") and given.status == 201:
            given.json = given.json | {"secret": f"whsec_{'A' * 43}="}

    codes.give(site.settings, count=1, now=clock.now())
    site.middleman.spoil_answer = tells_another_secret
    shop = site.shop(0)
    shop.hook = Hook("127.0.0.1", port=0)
    results = hold(shop)

    said = {r.check.sentence: r.said for r in results if r.verdict == Verdict.BROKEN}
    assert said == {
        listening.LISTENING.checks[0].sentence: "No signature is of the endpoint's secret.",
        listening.LISTENING.checks[1].sentence: "No signature is of the old secret.",
    }


def test_a_demo_without_a_budget_says_how_to_begin_anew(fanfare, site: Deployment):
    assert fanfare("demo-seed", "--budget", "30.00").exit_code == 0
    assert fanfare("demo-codes", "--count", "2").exit_code == 0

    told = fanfare("demo-codes", "--count", "10")

    assert told.exit_code == 1
    assert "The budget of the demo's offer is spent" in told.stderr
    assert fanfare("demo-conformance").exit_code == 1
