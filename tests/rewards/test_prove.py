"""The campaign tries what it says and fails when a property does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rewards import prove
from tests.rewards.attacks import Shape


def test_a_small_campaign_prints_what_it_tried(capsys):
    arguments = ["--cases", "20", "--attacks", "60", "--only", "credit is superadditive"]
    assert prove.main([*arguments, "--processes", "1"]) == 0
    printed = capsys.readouterr().out
    assert "credit is superadditive" in printed
    assert "splitting gains nothing: chain" in printed


def test_a_violation_is_shown_and_fails_the_campaign(monkeypatch, capsys):
    rows = [
        prove.Row("nothing falls", 10, 0),
        prove.Row("nothing falls", 5, 2, "case 7 falls"),
    ]
    monkeypatch.setattr(prove, "campaign", lambda _: rows)
    assert prove.main([]) == 1
    printed = capsys.readouterr().out
    assert "15" in printed
    assert "case 7 falls" in printed


class TestOneProcess:
    def proving(self, monkeypatch, **found):
        done = prove.multiprocessing.Value("q", 0)
        monkeypatch.setattr(prove, "_here", [prove.Proving(20, 1, done)])
        monkeypatch.setattr(prove, "properties", lambda: found)
        return done

    def test_counts_the_cases_of_a_property(self, monkeypatch):
        @settings(max_examples=20, database=None)
        @given(number=st.integers())
        def holds(number):
            assert number == number  # noqa: PLR0124

        done = self.proving(monkeypatch, holds=("group", holds))
        assert prove.prove("holds") == prove.Row("holds", 20, 0)
        assert done.value == 20

    def test_finds_a_violation(self, monkeypatch):
        @settings(max_examples=200, database=None)
        @given(number=st.integers(0, 50))
        def breaks(number):
            assert number < 40

        self.proving(monkeypatch, breaks=("group", breaks))
        row = prove.prove("breaks")
        assert row.violations == 1
        assert "number=40" in row.found

    def test_finds_an_attack_that_gains(self, monkeypatch):
        done = self.proving(monkeypatch)
        monkeypatch.setattr(prove, "any_attack", lambda dice, _shape: dice.randint(0, 1))
        row = prove.attack(Shape.STAR, 0, 30)
        assert 0 < row.violations < 30
        assert "gains 1 minor units" in row.found
        assert done.value == 30


def test_every_property_of_the_default_run_is_in_the_campaign():
    names = prove.properties()
    assert "whatever the server does, all of these hold at once" in names
    assert "several accounts never earn more than one" in names
    assert len(names) >= 27
