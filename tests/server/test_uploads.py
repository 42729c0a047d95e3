"""Files of brands: what they are is found out from their bytes, and nothing else is taken."""

import io
import os
from hashlib import sha256

import pytest

from server import clock
from server.errors import FieldInvalid, Gone
from server.gateways.media_types import EXTENSIONS, Sniffer
from server.gateways.uploads import PIECE_BYTES, Uploads

MP4 = b"\0\0\0\x18ftypisom" + bytes(20)
TAKEN = {
    "application/pdf": [b"%PDF-1.4\n%\xe2\xe3"],
    "image/png": [b"\x89PNG\r\n\x1a\n" + bytes(9)],
    "image/jpeg": [b"\xff\xd8\xff\xe0" + bytes(9)],
    "image/webp": [b"RIFF\x10\0\0\0WEBPVP8 "],
    "audio/mpeg": [b"ID3\x04\0" + bytes(9), b"\xff\xfb\x90\x64" + bytes(9)],
    "video/mp4": [MP4, MP4.replace(b"isom", b"mp42")],
    "application/zip": [b"PK\x03\x04" + bytes(9)],
    "text/plain": [b"Hello", "Grüße\r\n\tund \U0001f45f".encode(), b"\xef\xbb\xbf1 < 2 and 3 > 2"],
}
REFUSED = [
    b"",
    b"\0",
    b"GIF89a" + bytes(9),
    b"BM" + bytes(20),
    b"MZ\x90\0",
    b"\x7fELF" + bytes(9),
    b"PK\x05\x06" + bytes(18),
    b"RIFF\x10\0\0\0WAVEfmt ",
    MP4.replace(b"isom", b"heic"),
    b"\xff\xfe<\0h\0t\0m\0l\0",
    b"\xff\xff\xff\xff",
    b"<html>",
    b"  <!DOCTYPE html>",
    b"\xef\xbb\xbf<svg onload=alert(1)>",
    b'<?xml version="1.0"?>',
    b"Words first < SCRIPT >alert(1)",
    b"words \x1b[31m",
    b"caf\xe9",
    b"caf\xc3",
]


def sniffed(content, piece=7):
    sniffer = Sniffer()
    for start in range(0, len(content), piece):
        sniffer.read(content[start : start + piece])
    return sniffer.media_type()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "uploads"


@pytest.fixture
def keep(folder):
    uploads = Uploads(folder, 200_000)
    return lambda content: uploads.keep(io.BytesIO(content), now=clock.now())


@pytest.mark.parametrize("piece", [1, 7, 100])
@pytest.mark.parametrize(
    ("media_type", "content"), [(kind, one) for kind, many in TAKEN.items() for one in many]
)
def test_what_is_taken_is_known_by_its_bytes(media_type, content, piece):
    assert sniffed(content, piece) == media_type
    assert media_type in EXTENSIONS


@pytest.mark.parametrize("piece", [1, 7, 100])
@pytest.mark.parametrize("content", REFUSED)
def test_nothing_else_is_taken(content, piece):
    assert sniffed(content, piece) is None


def test_markup_is_found_wherever_it_begins():
    for place in (PIECE_BYTES - 3, PIECE_BYTES, 2 * PIECE_BYTES - 1):
        assert sniffed(b"x" * place + b"<script>", PIECE_BYTES) is None


def test_a_file_lies_whole_under_a_name_that_nobody_knows(keep, folder):
    content = b"%PDF-" + os.urandom(150_000)
    kept = keep(content)
    assert (kept.size, kept.sha256) == (len(content), sha256(content).hexdigest())
    (file,) = folder.iterdir()
    assert (file.name, file.read_bytes()) == (kept.name, content)
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert keep(content).name != kept.name


def test_a_file_may_be_as_large_as_the_setting_says_and_no_larger(keep, folder):
    keep(b"%PDF-" + bytes(200_000 - 5))
    with pytest.raises(FieldInvalid, match="at most 200000 bytes"):
        keep(b"%PDF-" + bytes(200_001 - 5))
    assert len(list(folder.iterdir())) == 1


def test_what_is_refused_or_breaks_off_leaves_nothing(folder):
    class Broken(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell():
                raise ConnectionError
            return super().read(size)

    uploads = Uploads(folder, 200_000)
    with pytest.raises(FieldInvalid):
        uploads.keep(io.BytesIO(b"<html>"), now=clock.now())
    with pytest.raises(ConnectionError):
        uploads.keep(Broken(b"%PDF-" + bytes(PIECE_BYTES)), now=clock.now())
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../secret", "/etc/passwd", "a" * 32, "A" * 32])
def test_no_other_path_is_ever_given(folder, tmp_path, name):
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    uploads = Uploads(folder, 1)
    with pytest.raises(Gone):
        uploads.path(name)
    uploads.remove(name)
    assert (tmp_path / "secret").exists()


def test_what_is_not_ours_is_left_alone(folder):
    folder.mkdir()
    (folder / "README").write_text("not ours")
    os.utime(folder / "README", (0, 0))
    uploads = Uploads(folder, 1)
    assert uploads.sweep(set(), now=clock.now()) == 0
    assert Uploads(folder / "nothing", 1).sweep(set(), now=clock.now()) == 0
    assert uploads.missing({"README", "gone"}) == ["gone"]
