"""What cannot be checked is never told as kept."""

import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.conformance import document, listening, operations, run
from server.conformance.answers import Broken
from server.conformance.api import Api
from server.conformance.contract import Verdict
from server.conformance.shop import Shop
from server.demo import run as demo
from tests.ports import free_port
from tests.server.conformance.conftest import Deployment, hold, sentences
from tests.server.middleman import Given, Sent

PROMISES = [check for group in run.GROUPS for check in group.checks]


def checked(deployment: Deployment, *more: str, secret: str | None = None) -> Result:
    """Run the command against a deployment."""
    key = demo.credentials(deployment.settings)
    return CliRunner().invoke(
        main,
        [
            *("conformance", "--base-url", deployment.settings.site_url),
            *("--client-id", key.client_id, "--client-secret", secret or key.client_secret),
            *("--parallel", "2", *more),
        ],
        catch_exceptions=False,
    )


def test_without_codes_the_checks_that_burn_some_are_not_kept(workshop: Deployment, tmp_path: Path):
    told = checked(workshop, "--junit", str(tmp_path / "told.xml"))

    burning = sum(check.codes > 0 for check in PROMISES)
    assert told.exit_code == 1
    assert f"{len(PROMISES) - burning} kept, {burning} NOT CHECKED." in told.stdout
    root = ET.parse(tmp_path / "told.xml").getroot()  # noqa: S314 - ours
    assert root.get("errors") == str(burning)
    assert {error.get("message") for error in root.iter("error")} == {
        f"There is no code left for it; all checks together need {run.CODES_NEEDED}."
    }


def test_with_too_few_codes_the_first_checks_get_them(workshop: Deployment):
    results = hold(workshop.shop(3))

    burning = [result for result in results if result.check.codes]
    assert Counter(result.verdict for result in burning) == {
        Verdict.KEPT: 3,
        Verdict.NOT_CHECKED: len(burning) - 3,
    }


def test_with_a_wrong_secret_only_what_needs_no_token_is_checked(workshop: Deployment):
    told = checked(workshop, secret="x" * 43)

    assert told.exit_code == 1
    assert "The key gets no token." in told.stdout


def test_what_the_description_does_not_name_is_not_offered(workshop: Deployment, tmp_path: Path):
    def names_no_webhooks(sent: Sent, given: Given) -> None:
        if sent.path == document.ADDRESS and given.status == 200:
            paths = given.json["paths"].items()
            given.json = given.json | {"paths": {k: v for k, v in paths if "webhook" not in k}}

    workshop.middleman.spoil_answer = names_no_webhooks
    try:
        results = hold(workshop.shop())
    finally:
        workshop.middleman.be_honest()

    about_webhooks = {check.sentence for check in PROMISES if check.group == "Webhooks"}
    assert sentences(results, Verdict.NOT_OFFERED) == about_webhooks
    assert len(sentences(results, Verdict.KEPT)) == len(PROMISES) - len(about_webhooks)


def test_a_description_without_a_core_operation_is_wrong(workshop: Deployment):
    def names_no_rollback(sent: Sent, given: Given) -> None:
        if sent.path == document.ADDRESS and given.status == 200:
            paths = given.json["paths"].items()
            given.json = given.json | {"paths": {k: v for k, v in paths if "rollback" not in k}}

    workshop.middleman.spoil_answer = names_no_rollback
    try:
        results = hold(workshop.shop())
    finally:
        workshop.middleman.be_honest()

    (broken,) = (result for result in results if result.verdict == Verdict.BROKEN)
    assert broken.said == f"It does not name {operations.ROLL_BACK}."
    assert {r.check.group for r in results if r.verdict == Verdict.NOT_OFFERED} >= {"Rollbacks"}


def test_a_deployment_that_does_not_answer_keeps_nothing(tmp_path: Path):
    api = Api(f"http://127.0.0.1:{free_port()}", "partner-nobody", "x" * 43)
    results = hold(Shop(api, [f"code-{n}" for n in range(99)], "EUR", 100_00, 2))

    assert {result.verdict for result in results} == {Verdict.BROKEN}
    assert all("got no answer: ConnectionError." in result.said for result in results)


@pytest.mark.parametrize("wait", ["", "soon", "3600"])
def test_a_deployment_that_never_lets_us_ask_is_not_waited_for(workshop: Deployment, wait: str):
    def busy(_sent: Sent, given: Given) -> None:
        given.status, given.headers["Retry-After"] = 429, wait

    workshop.middleman.spoil_answer = busy
    try:
        results = hold(workshop.shop(0))
    finally:
        workshop.middleman.be_honest()

    assert Verdict.KEPT not in {result.verdict for result in results}
    said = {result.said for result in results if result.verdict == Verdict.BROKEN}
    assert f"POST /oauth/token answered 429 with Retry-After {wait or 'missing'}." in said


@pytest.mark.parametrize("given", ["expired", "=CODE", "expired="])
def test_a_code_that_is_to_be_refused_needs_its_reason(given: str):
    told = CliRunner().invoke(
        main,
        [
            *("conformance", "--base-url", "http://127.0.0.1:1", "--client-id", "a"),
            *("--client-secret", "b", "--refused", given),
        ],
    )

    assert told.exit_code == 2
    assert f"write KEY=CODE, not {given}" in told.stderr


@pytest.mark.parametrize("given", ["9000", ":9000", "127.0.0.1:port"])
def test_a_listener_needs_an_address(workshop: Deployment, given: str):
    told = checked(workshop, "--listen", given)

    assert told.exit_code == 2
    assert f"write HOST:PORT, not {given}" in told.stderr


def test_an_event_that_never_comes_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listening, "WAITS_SECONDS", 0.01)

    with pytest.raises(Broken, match="No event came within"):
        listening.Listener().next()


@pytest.mark.parametrize(
    ("headers", "secret", "said"),
    [
        ({}, "whsec_AAAA", "without the header webhook-timestamp"),
        ({"webhook-timestamp": "1"}, "whsec_!", "not in base64"),
    ],
)
def test_an_event_without_what_it_needs_is_told(headers: dict[str, str], secret: str, said: str):
    with pytest.raises(Broken, match=said):
        listening.Received(headers, b"{}").is_signed(secret)


def test_a_production_site_sends_nothing_to_this_machine(workshop: Deployment):
    told = checked(workshop, "--listen", "127.0.0.1:0")

    assert told.exit_code == 1
    assert "answered 422 instead of 201" in told.stdout


def test_a_code_that_is_refused_for_another_reason_is_told(workshop: Deployment):
    shop = workshop.shop(1)
    shop.refused = {"expired": shop.codes[0]}
    shop.codes = []
    results = hold(shop)

    assert sentences(results, Verdict.BROKEN) == {
        "A code that is to be refused as expired is refused so"
    }
