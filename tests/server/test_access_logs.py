"""A log is judged as clicks would be, and nothing in it is dropped silently."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from crawleruseragents import is_crawler
from hypothesis import given
from hypothesis import strategies as st

from rewards.evidence import NotHuman
from server.cli import main
from server.services import access_logs, crawlers
from server.services.access_logs import MALFORMED, PERSON, Request
from server.services.datacentres import Datacentres
from tests.server.user_agents import DESKTOP, IN_APPS, PREVIEWS

CHROME, INSTAGRAM = DESKTOP["Chrome"], IN_APPS["Instagram on iPhone"]
SLACK = PREVIEWS["Slack"]
JUDGED_BY_EYE = {
    *("+http://", "+ http://", "Ezooms", "Google favicon", "BeetleBot", "LumiBot", "Dalvik/"),
    *("Feed Fetcher", "Spinn3r", "Google Desktop", "libfetch/", "portscout/", "IrssiUrlLog/"),
    *("Link Validator", "MobileSafari/9537.53 CFNetwork/", "Safari/9537.73.11 CFNetwork/"),
    *("Newsify/120 CFNetwork/", "distilator/0.1 (http://", "Superblock-Denim (http://"),
    "LiveJournal.com (webmaster@livejournal.com; for http://",
    "Liferea/1.8.3 (Linux; en_GB.UTF-8; http://",
    "Chef Client/10.18.2 (ruby-1.9.3-p327; ohai-6.16.0; x86_64-linux; +http://",
    "HTTP_Request2/2.1.1 (http://",
}
"""By what we know crawlers of the real log that the package does not; each one was looked at."""


def line(agent: str, *, request: str = "GET /r/abc HTTP/1.1", address: str = "192.0.2.7") -> str:
    return f'{address} - - [17/May/2015:10:05:03 +0000] "{request}" 302 0 "-" "{agent}"'


LOG = [
    line(CHROME),
    line(CHROME),
    line(INSTAGRAM, address="2001:db8::1"),
    line(SLACK),
    line("-"),
    line(""),
    line(CHROME, request="HEAD /r/abc HTTP/1.1"),
    line(r"Mozilla/5.0 \"quoted\" Firefox/140.0") + ' "an extra field"',
    "nonsense",
    "",
]


def counts(lines: list[str], known: Datacentres | None = None) -> dict[str, int]:
    found = access_logs.classify(lines, known)
    return {name: verdict.requests for name, verdict in found.items() if verdict.requests}


class TestClassify:
    def test_gives_each_line_one_verdict(self):
        assert counts(LOG) == {
            PERSON: 4,
            NotHuman.CRAWLER: 1,
            NotHuman.NO_USER_AGENT: 2,
            NotHuman.HEAD: 1,
            MALFORMED: 2,
        }

    def test_knows_the_networks_of_the_operators_file(self):
        known = Datacentres(["192.0.2.0/24"])
        assert counts(LOG, known) == {
            PERSON: 1,
            NotHuman.CRAWLER: 1,
            NotHuman.NO_USER_AGENT: 2,
            NotHuman.HEAD: 1,
            NotHuman.DATACENTRE: 3,
            MALFORMED: 2,
        }

    def test_counts_agents_and_keeps_bad_lines_with_their_numbers(self):
        found = access_logs.classify(LOG)
        assert found[PERSON].agents[CHROME] == 2
        assert 'Mozilla/5.0 "quoted" Firefox/140.0' in found[PERSON].agents
        assert list(found[MALFORMED].agents) == ["line 9: nonsense", "line 10: "]

    def test_counts_on_when_it_remembers_no_more_agents(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(access_logs, "AGENTS_MAX", 2)
        found = access_logs.classify(line(f"Browser {number}") for number in range(5))
        assert (found[PERSON].requests, len(found[PERSON].agents)) == (5, 2)

    @pytest.mark.parametrize(
        "bad",
        [
            line(CHROME, request="-"),
            line(CHROME, request=r"\x16\x03\x01"),
            line(CHROME)[:-1],
            line(CHROME).replace(" 302 ", " abc "),
            line(CHROME).rpartition(' "-"')[0],
        ],
    )
    def test_a_line_that_tells_of_no_request_is_malformed(self, bad: str):
        assert counts([bad]) == {MALFORMED: 1}

    @given(agent=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
    def test_reads_what_a_server_wrote(self, agent: str):
        written = agent.replace("\\", "").replace('"', '\\"')
        found = access_logs.parse(line(written))
        told = "" if agent.replace("\\", "") == "-" else agent.replace("\\", "")
        assert found == Request("192.0.2.7", "GET", told)


class TestLines:
    def test_are_read_one_by_one_and_cut_when_they_are_endless(self):
        endless = b"x" * (3 * access_logs.LINE_MAX)
        read = list(access_logs.read_lines(io.BytesIO(b"first\r\n" + endless + b"\nlast")))
        assert [len(found) for found in read] == [5, access_logs.LINE_MAX, 4]

    def test_of_other_bytes_are_read_as_well(self):
        assert list(access_logs.read_lines(io.BytesIO(b"caf\xe9\n"))) == ["caf\\xe9"]


class TestTheCommand:
    @staticmethod
    def run(path: Path, *options: str, **environment: str) -> Result:
        return CliRunner(env=environment).invoke(main, ["classify-log", str(path), *options])

    @pytest.fixture(params=[False, True], ids=["plain", "compressed"])
    def log(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        path = tmp_path / "access.log"
        content = "\n".join(LOG).encode()
        path.write_bytes(gzip.compress(content) if request.param else content)
        return path

    def test_prints_counts_reasons_and_examples(self, log: Path):
        shown = self.run(log, "--examples", "1").output
        assert shown.startswith(f"9 lines in {log}\n")  # what follows the last line end is none
        assert "4 lines  44.4 %      3 different   nothing speaks against a person" in shown
        assert f"2  {CHROME}" in shown
        assert f"[Slackbot] {SLACK}" in shown
        assert "1  line 9: nonsense" in shown
        assert INSTAGRAM not in shown, "one example is enough"

    def test_prints_the_same_as_json(self, log: Path):
        told = json.loads(self.run(log, "--json", "--examples", "2").output)
        crawler = next(one for one in told["verdicts"] if one["verdict"] == "crawler")
        assert crawler["examples"] == [{"requests": 1, "named": "Slackbot", "agent": SLACK}]
        assert sum(one["requests"] for one in told["verdicts"]) == 9

    def test_shows_nothing_that_a_terminal_obeys(self, tmp_path: Path):
        path = tmp_path / "access.log"
        path.write_text(line("\x1b[2Jhidden\x07 \u202eturned"), encoding="utf-8")
        shown = self.run(path).output
        assert r"\x1b[2Jhidden\x07 \u202eturned" in shown

    def test_shows_no_address(self, log: Path):
        assert "192.0.2.7" not in self.run(log, "--examples", "99").output

    def test_reads_the_file_of_datacentres(self, log: Path, tmp_path: Path):
        networks = tmp_path / "networks"
        networks.write_text("192.0.2.0/24\n", encoding="utf-8")
        shown = self.run(log, DATACENTRE_NETWORKS=str(networks)).output
        assert "datacentre           3 lines" in shown
        networks.write_text("192.0.2.0/24\nnonsense\n", encoding="utf-8")
        refused = self.run(log, DATACENTRE_NETWORKS=str(networks))
        assert (refused.exit_code, "line 2" in refused.output) == (1, True)

    def test_says_that_a_file_is_broken(self, tmp_path: Path):
        path = tmp_path / "access.log.gz"
        path.write_bytes(gzip.compress("\n".join(LOG * 50).encode())[:-20])
        refused = self.run(path)
        assert refused.exit_code == 1
        assert "ended before" in refused.output


class TestARealLog:
    """5 000 requests of 2015 to a personal site, with crawlers, feed readers and old browsers."""

    def test_crawlers_are_found_and_no_browser_is_called_one(
        self, shared: Path, record_property: Callable[[str, object], None]
    ):
        with gzip.open(shared / "data" / "access_log.gz") as file:
            found = access_logs.classify(access_logs.read_lines(file))  # type: ignore[arg-type]
        told = ", ".join(f"{one.requests} {name}" for name, one in found.items() if one.requests)
        record_property("told", f"The real log: {told}.")
        assert sum(one.requests for one in found.values()) == 5_000
        assert found[MALFORMED].requests == 0

        named = found[NotHuman.CRAWLER].agents
        missed = {
            agent: count
            for agent, count in found[PERSON].agents.items()
            if is_crawler(agent) or is_crawler(agent, case_sensitive=False)
        }
        listed = sum(count for agent, count in named.items() if is_crawler(agent))
        record_property(
            "told",
            f"Of what the package names, in any case, {listed} requests are found and"
            f" {sum(missed.values())} missed; {sum(named.values()) - listed} more are known to us.",
        )
        assert sum(missed.values()) <= 0.01 * (listed + sum(missed.values()))
        ours = {crawlers.named_in(agent) for agent in named if not is_crawler(agent)}
        assert ours <= JUDGED_BY_EYE, "look at the new ones before you add them"
