"""Signatures: what is signed is read back, and nothing else passes for it."""

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from jwcrypto import jwk
from jwcrypto import jws as independent

from server import jws
from server.errors import Invalid

KEY, OTHER = jws.new_key(), jws.new_key()
KEYS = [OTHER.public, KEY.public]


def signed(payload: bytes) -> str:
    return jws.sign(payload, kid=KEY.kid, private_pem=KEY.private_pem, type_="t")


@given(payload=st.binary(max_size=300))
@profile(max_examples=100, deadline=None)
def test_what_is_signed_is_read_back_here_and_elsewhere(payload: bytes):
    line = signed(payload)

    found = jws.read(line)
    jws.check(found, KEYS)
    assert (found.payload, found.kid, found.type) == (payload, KEY.kid, "t")

    token = independent.JWS()
    token.deserialize(line, jwk.JWK(**KEY.public))
    assert token.payload == payload


@given(st.data())
@profile(max_examples=300, deadline=None)
def test_no_other_text_passes_for_it(data: st.DataObject):
    line = signed(b'{"a": 1}')
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 5)))
    other = line[:start] + data.draw(st.text(max_size=5)) + line[end:]
    if other == line:
        return

    with pytest.raises(Invalid):
        jws.check(jws.read(other), KEYS)


def test_the_twin_of_a_signature_is_refused():
    """Of each ECDSA signature (r, s) there is a second one, (r, n - s); we write one of them."""
    line = signed(b"x")
    head, payload, signature = line.split(".")
    raw = independent.base64url_decode(signature)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    twin_s = order - int.from_bytes(raw[32:])
    twin = independent.base64url_encode(raw[:32] + twin_s.to_bytes(32))
    other = f"{head}.{payload}.{twin}"
    independent.JWS().deserialize(other, jwk.JWK(**KEY.public))  # elsewhere it is right

    with pytest.raises(Invalid, match="one that we write"):
        jws.check(jws.read(other), KEYS)


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "oct"},
        {"crv": "P-384"},
        {"x": "AAAA"},
        {"x": None},
        {"y": "!"},
        {"y": KEY.public["x"]},
    ],
)
def test_a_key_of_another_kind_checks_nothing(changes: dict[str, object]):
    with pytest.raises(Invalid):
        jws.check(jws.read(signed(b"x")), [{**KEY.public, **changes}])


def test_a_key_without_its_numbers_checks_nothing():
    with pytest.raises(Invalid, match="cannot be read"):
        jws.check(jws.read(signed(b"x")), [{"kid": KEY.kid, "kty": "EC", "crv": "P-256"}])


@pytest.mark.parametrize(
    "head", [b"", b"\xff", b"[]", b"{}", b"1", b'{"kid": 1}', b"[" * 100_000, b'{"typ":"t"}']
)
def test_a_head_that_is_none_is_refused(head: bytes):
    _, payload, signature = signed(b"x").split(".")

    with pytest.raises(Invalid, match="head"):
        jws.read(f"{independent.base64url_encode(head)}.{payload}.{signature}")
