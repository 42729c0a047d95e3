"""The commands about terms, as they are typed: terms, backtest, drill, simulate."""

import csv
import gzip
import json
import re
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from rewards.backtest import Join, Moment, Purchase, backtest
from rewards.simulate import Sharer
from server.cli import main
from server.reports import plot
from server.reports.commands import one_by_one
from tests.rewards.story import DEFAULT_TERMS

HEADER = "event,participant,parent,order,amount,customer"
WORKED_EXAMPLE = f"""{HEADER}
join,Ann,,,,
join,Bob,Ann,,,
order,Bob,,o1,120.00,new
join,Cat,Ann,,,
order,Cat,,o2,90.00,

join,Dan,Bob,,,
order,Dan,,o3,300.00,new
order,Dan,,o4,10.00,returning
refund,,,o4,2.50,
refund,,,o4,,"""
SVG = {"svg": "http://www.w3.org/2000/svg"}


@pytest.fixture
def fanfare(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*args, exit_code=0):
        result = CliRunner().invoke(main, args)
        assert result.exit_code == exit_code, result.output
        return result.output

    return run


@pytest.fixture
def terms(fanfare, tmp_path):
    path = tmp_path / "terms.json"
    path.write_text(fanfare("terms", "--average-order", "60.00"))
    return path


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "past.csv"
    path.write_text(WORKED_EXAMPLE)
    return path


class TestTerms:
    def test_prints_what_an_offer_would_freeze(self, terms):
        members = json.loads(terms.read_text())
        assert members["thresholds_minor"] == [0, 6_000, 24_000, 96_000]
        assert members["rates_basis_points"] == [400, 600, 800, 1_000]

    def test_says_what_is_wrong_with_an_amount(self, fanfare):
        assert "is not an amount" in fanfare("terms", "--average-order", "many", exit_code=1)


class TestBacktest:
    def test_prints_who_earns_what(self, fanfare, terms, history):
        said = fanfare("backtest", str(history), "--terms", str(terms))
        for name, payout in (("Ann", "3.00"), ("Bob", "9.60"), ("Cat", "4.20"), ("Dan", "18.00")):
            assert re.search(rf"│ {name} .* {re.escape(payout)} │", said), name
        assert "34.80 EUR for 510.00 EUR of net sales: 6.82 % of it, after 2 refunds." in said
        assert re.search(r"brought by these +│ +2 │ +13.80 │ +39.65 %", said)
        assert "Did not count" not in said

    def test_reads_a_compressed_file_with_a_mark_at_its_beginning(self, fanfare, terms, tmp_path):
        path = tmp_path / "past.csv.gz"
        path.write_bytes(gzip.compress(WORKED_EXAMPLE.encode("utf-8-sig")))
        assert "34.80 EUR for" in fanfare("backtest", str(path), "--terms", str(terms))

    def test_a_budget_that_runs_out_is_said(self, fanfare, terms, history):
        said = fanfare("backtest", str(history), "--terms", str(terms), "--budget", "20.00")
        assert "budget_partly 1, budget_spent 1" in said

    def test_writes_a_line_for_everybody(self, fanfare, terms, history, tmp_path):
        out = tmp_path / "out.csv"
        fanfare("backtest", str(history), "--terms", str(terms), "--csv", str(out))
        with out.open(newline="") as file:
            rows = {row["participant"]: row for row in csv.DictReader(file)}
        assert rows["Bob"]["payout"] == "9.60"
        assert rows["Bob"]["brought_by"] == "Ann"
        assert rows["Ann"]["branch_credit"] == "510.00"
        assert rows["Dan"]["orders"] == "1"

    def test_only_the_first_are_shown_of_many(self, fanfare, terms, tmp_path):
        path = tmp_path / "many.csv"
        path.write_text("\n".join([HEADER, *(f"join,p{n},,,," for n in range(20))]))
        said = fanfare("backtest", str(path), "--terms", str(terms))
        assert "and 5 more who would have earned less" in said
        assert "0.00 EUR for 0.00 EUR of net sales: 0.00 % of it" in said

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("order,Zoe,,o9,1.00,", "Line 13: Zoe has not joined before this"),
            ("jump,Ann,,,,", "Line 13: 'jump' is no event; write one of join, visits"),
            ("order,Ann,,o9,1.2.3,", "Line 13: '1.2.3' is not an amount"),
            ("order,Ann,,o9,-1.00,", "Line 13: '-1.00' is nothing or less"),
            ("order,Ann,,o9,1.00,old", "Line 13: 'old' is no customer"),
            ("order,Ann,,,1.00,", "Line 13: order needs the column order"),
            ("join,Eve,,,1.00,", "Line 13: join has no amount; leave that column empty"),
            ("visits,Ann,,,0,", "Line 13: '0' visits; write a whole number from 1"),
            ("visits,Ann,,,12345678,", "Line 13: '12345678' visits"),
            ("visits,Ann,,,1.5,", "Line 13: '1.5' visits"),
            ("join,Eve", "Line 13: there are 2 values; write 6."),
            (f"join,{'E' * 201},,,,", "Line 13: a value is longer than 200 letters."),
            ('"join', "After line 12: this is no readable CSV (unexpected end of data)."),
            ("join,\xe9,,,,", "Line 13: this is not UTF-8"),
        ],
    )
    def test_a_mistake_is_told_with_its_line(self, fanfare, terms, tmp_path, line, sentence):
        path = tmp_path / "broken.csv"
        path.write_text(f"{WORKED_EXAMPLE}\n{line}", encoding="latin-1")
        said = fanfare("backtest", str(path), "--terms", str(terms), exit_code=1)
        assert sentence in said

    def test_a_damaged_archive_is_said(self, fanfare, terms, tmp_path):
        path = tmp_path / "past.csv.gz"
        path.write_bytes(gzip.compress(WORKED_EXAMPLE.encode())[:40])
        assert "no readable CSV" in fanfare(
            "backtest", str(path), "--terms", str(terms), exit_code=1
        )

    @pytest.mark.parametrize("text", ["", "event,participant", f"{HEADER},more"])
    def test_the_first_line_names_the_columns(self, fanfare, terms, tmp_path, text):
        path = tmp_path / "broken.csv"
        path.write_text(text)
        said = fanfare("backtest", str(path), "--terms", str(terms), exit_code=1)
        assert f"Line 1: write the columns {HEADER} here." in said

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (b'{\n"a": }', "terms.json, line 2: Expecting value."),
            (b"[]", "terms.json, line 1: write the terms as a JSON object."),
            (b"{}", "Stored terms need exactly the known members"),
            (b'{"a": "\xe9"}', "terms.json is not UTF-8"),
        ],
    )
    def test_broken_terms_are_said(self, fanfare, history, terms, text, sentence):
        terms.write_bytes(text)
        said = fanfare("backtest", str(history), "--terms", str(terms), exit_code=1)
        assert sentence in said


class TestPlot:
    def drawn(self, result):
        root = ET.fromstring(plot.draw(result))  # noqa: S314 - we have just written it
        words = ["".join(text.itertext()) for text in root.iterfind(".//svg:text", SVG)]
        return root, words

    def test_says_in_words_what_it_shows(self, fanfare, terms, history, tmp_path):
        out = tmp_path / "out.svg"
        fanfare("backtest", str(history), "--terms", str(terms), "--svg", str(out))
        root = ET.fromstring(out.read_text())  # noqa: S314 - we have just written it
        words = ["".join(text.itertext()) for text in root.iterfind(".//svg:text", SVG)]
        assert "34.80 EUR for 510.00 EUR of net sales" in words
        assert {"1 person brought by nobody", "2 people brought by these"} <= set(words)
        assert {"3.00 EUR (8 %)", "13.80 EUR (39 %)", "18.00 EUR (51 %)"} <= set(words)
        said = root.find("svg:desc", SVG).text
        assert "1 person two steps away: 18.00 EUR" in said
        assert "prefers-color-scheme: dark" in out.read_text()

    def test_the_curve_stays_within_its_frame_and_has_few_points(self):
        events = [Join(1, "Ann", None)]
        events += [Purchase(2, "Ann", f"o{n}", 100 + n) for n in range(1_000)]
        root, _ = self.drawn(backtest(events, DEFAULT_TERMS))
        line = root.find(".//svg:polyline", SVG).attrib["points"]
        points = [tuple(map(int, point.split(","))) for point in line.split()]
        assert len(points) <= plot.POINTS_MAX + 1
        assert points[0] == (plot.LEFT, plot.TOP + plot.PLOT_HEIGHT)
        assert points[-1][0] == plot.LEFT + plot.PLOT_WIDTH
        assert all(plot.TOP <= y <= plot.TOP + plot.PLOT_HEIGHT for _, y in points)

    def test_names_cannot_break_the_page_and_nobody_is_forgotten(self):
        events = [
            Join(0, "<&>", None),
            *(Join(n, str(n), str(n - 1) if n > 1 else "<&>") for n in range(1, 9)),
        ]
        result = backtest(events, DEFAULT_TERMS)
        _, words = self.drawn(result)
        assert "5 people further away" in words
        assert sum(number for _, number, _ in plot.by_generation(result)) == 9
        assert "0.00 EUR (0 %)" in words

    def test_an_empty_past_is_drawn_too(self):
        result = backtest([], DEFAULT_TERMS)
        assert result.curve == (Moment(0, 0),)
        _, words = self.drawn(result)
        assert "0.00 EUR for 0.00 EUR of net sales" in words


class TestDrill:
    def test_prints_every_attack_beside_the_budget(self, fanfare, terms):
        said = fanfare("drill", str(terms), "--budget", "5000.00")
        assert "beside the budget of 5000.00" in said
        assert re.search(r"several accounts, chain +│ +\d+ │ +0.00 │ +0.00 │", said)
        assert re.search(r"buying from oneself +│ +20 │ 6000.00 │ +600.00 │", said)
        assert re.search(r"fake visits.* │ +652.18 │", said)

    def test_without_a_budget_it_takes_a_thousand_average_orders(self, fanfare, terms):
        assert "beside the budget of 6000.00" in fanfare("drill", str(terms))

    def test_says_what_is_wrong_with_the_terms(self, fanfare, history):
        assert "past.csv, line 1: Expecting value." in fanfare("drill", str(history), exit_code=1)


class TestSimulate:
    def test_compares_rules_on_cascades_beside_published_shapes(self, fanfare):
        said = fanfare("simulate", "--seed", "2", "--shares", "1500")
        assert said == fanfare("simulate", "--seed", "2", "--shares", "1500")
        assert said != fanfare("simulate", "--seed", "3", "--shares", "1500")
        assert re.search(r"mean_size +│ +\d\.\d{4} │ +5.2 │", said)
        assert re.search(r"geometric 1/2 +│ +8\d\.\d\d % │", said)
        assert re.search(r"branch difference +│ +0.00 % │ +0.00 │", said)

    def test_what_it_writes_can_be_backtested(self, fanfare, terms, tmp_path):
        out = tmp_path / "made.csv"
        fanfare("simulate", "--shares", "200", "--terms", str(terms), "--csv", str(out))
        said = fanfare("backtest", str(out), "--terms", str(terms))
        assert re.search(r"\d+\.\d\d EUR for \d+\.\d\d EUR of net sales", said)
        assert "and 185 more" in said

    def test_draws_on_given_cascades(self, fanfare, tmp_path):
        path = tmp_path / "cascades.csv"
        path.write_text("cascade,node,parent,seconds\n1,a,,0\n1,b,a,5\n2,a,,0\n")
        said = fanfare("simulate", "--cascades", str(path))
        assert "2 cascades; figures of those with a reshare" in said
        assert re.search(r"mean_size +│ 2.0000", said)

    def test_says_what_is_wrong_with_given_cascades(self, fanfare, history):
        said = fanfare("simulate", "--cascades", str(history), exit_code=1)
        assert "Line 1: the column cascade is missing" in said

    def test_each_cascade_has_places_of_its_own(self):
        people = [
            Sharer(parent, 0, (minor,), prospects=False)
            for parent, minor in ((-1, 1), (-1, 2), (0, 3), (1, 4), (2, 5))
        ]
        first, second = one_by_one(people)
        assert (first.parents, first.credits_minor) == ((-1, 0, 1), (1, 3, 5))
        assert (second.parents, second.credits_minor) == ((-1, 0), (2, 4))
