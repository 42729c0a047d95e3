"""What the extension makes without a connection, read by others than its own makers."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import segno

from server.services import signed_codes
from tests import machine

HERE = Path(__file__).parent
LONGEST = 287


def node(script: str, given: object) -> Any:
    ran = subprocess.run(  # noqa: S603 - our own
        [machine.node(), HERE / script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


TEXTS = (
    "",
    "a",
    "https://fanfare.example/p/" + "AQ" * 70,
    "Bär & Café - ☕",
    *("x" * length for length in range(1, LONGEST + 1, 29)),
    *("y" * length for length in (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, LONGEST)),
)


@pytest.fixture(scope="module")
def drawn() -> list[list[list[str]]]:
    return node("draw_symbols.js", TEXTS)


class TestSymbols:
    def test_are_those_that_segno_draws(
        self, drawn: list[list[list[str]]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # segno fills up to a whole byte with a whole byte when nothing is to be filled; readers do
        # not mind, but ISO/IEC 18004 has nothing there.
        monkeypatch.setattr(
            segno.encoder,
            "write_padding_bits",
            lambda buff, _version, length: buff.extend([0] * (-length % 8)),
        )
        for text, symbols in zip(TEXTS[1:], drawn[1:], strict=True):
            for mask, symbol in enumerate(symbols[:8]):
                theirs = segno.make_qr(
                    text, error="m", mode="byte", mask=mask, boost_error=False, encoding="utf-8"
                )
                ours = [[int(module) for module in row] for row in symbol]
                assert ours == [[int(m) for m in row] for row in theirs.matrix], (text, mask)

    def test_choose_one_of_the_masks(self, drawn: list[list[list[str]]]) -> None:
        for symbols in drawn:
            assert symbols[8] in symbols[:8]

    def test_of_what_is_too_long_are_none(self) -> None:
        [symbols] = node("draw_symbols.js", ["x" * (LONGEST + 1)])
        assert set(map(str, symbols)) == {"None"}


def test_codes_are_read_by_the_server() -> None:
    made = node("sign_codes.js", {"link": "4vKqTn8ZpL", "now": 1_796_000_000_123, "count": 20})
    known = signed_codes.key_of(made["x"], made["y"])
    assert known is not None
    assert known[0] == made["kid"]
    nonces = set()
    for code in made["codes"]:
        read = signed_codes.read(code["token"])
        assert read is not None
        assert signed_codes.holds(read, known[1])
        assert (read.kid, read.share_code, read.spoken) == (
            made["kid"],
            "4vKqTn8ZpL",
            code["spoken"],
        )
        assert read.issued_at.timestamp() == 1_796_000_000
        assert read.expires_at.timestamp() * 1000 == code["expires_ms"]
        assert read.expires_at - read.issued_at == signed_codes.LIFE_MAX
        nonces.add(read.nonce)
    assert len(nonces) == 20
    assert made["extractable"] is False
