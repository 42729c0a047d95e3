"""What kind of file some bytes are: a short list, found out from the bytes and nothing else.

Whatever a browser could run, such as HTML and SVG, is not on it.
"""

import codecs
import re

EXTENSIONS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "application/zip": "zip",
    "text/plain": "txt",
}
"""The kinds that may be given, with the end of the name under which each is saved."""

_HEAD_BYTES = 16
_MP4_BRANDS = {
    *(b"avc1", b"dash", b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6"),
    *(b"mp41", b"mp42", b"M4A ", b"M4V ", b"MSNV"),
}
_BEGINS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"ID3": "audio/mpeg",
    b"PK\x03\x04": "application/zip",
}
_MARKUP = re.compile(
    r"<\s*(?:!doctype|\?xml|html|head|body|script|style|svg|iframe|object|embed|img|link|meta)\b",
    re.IGNORECASE,
)
_LONGEST_MARKUP = 40
_SYNC = 0x7FF
"""Eleven bits with which every frame of MPEG audio begins."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class Sniffer:
    """Reads a file piece by piece, and then says what it is."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._head = b""
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._tail = ""
        self._is_text = True

    def read(self, piece: bytes) -> None:
        """Look at the next piece."""
        self._head += piece[: _HEAD_BYTES - len(self._head)]
        if self._is_text:
            self._is_text = self._reads_on(piece, final=False)

    def media_type(self) -> str | None:
        """Return what the file is, now that all of it was read; None for what is not taken."""
        found = _of_signature(self._head)
        if found is not None:
            return found
        is_text = bool(self._head) and self._is_text and self._reads_on(b"", final=True)
        return "text/plain" if is_text else None

    def _reads_on(self, piece: bytes, *, final: bool) -> bool:
        """Tell whether the text goes on as plain text."""
        try:
            words = self._tail + self._decoder.decode(piece, final=final)
        except UnicodeDecodeError:
            return False
        self._tail = words[-_LONGEST_MARKUP:]
        return _CONTROL.search(words) is None and _MARKUP.search(words) is None


def _of_signature(head: bytes) -> str | None:
    for begins, media_type in _BEGINS.items():
        if head.startswith(begins):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS:
        return "video/mp4"
    return "audio/mpeg" if _is_mp3_frame(head) else None


def _is_mp3_frame(head: bytes) -> bool:
    """Tell whether bytes begin with the head of an MPEG audio frame of layer III."""
    word = int.from_bytes(head[:4], "big")
    if word >> 21 != _SYNC:
        return False
    version, layer, bitrate, rate = word >> 19 & 3, word >> 17 & 3, word >> 12 & 15, word >> 10 & 3
    reserved_version, layer_three, bad_bitrates, reserved_rate = 1, 1, {0, 15}, 3
    return (
        version != reserved_version
        and layer == layer_three
        and bitrate not in bad_bitrates
        and rate != reserved_rate
    )
