"""Files that brands upload: a folder of random names, which no address leads into.

A file is whole and on the disk before the row that names it is committed.  A crash between the two
leaves a file that nothing names: it is never served, and the worker removes it a day later.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from server.errors import FieldInvalid, Gone
from server.gateways.media_types import Sniffer

PIECE_BYTES = 64 * 1024
ORPHANED_AFTER = timedelta(days=1)
_NAME = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it lies in the folder."""

    name: str
    media_type: str
    size: int
    sha256: str


class Uploads:
    """The folder of uploads, and how large a file in it may be."""

    def __init__(self, folder: Path, bytes_max: int) -> None:
        """Use a folder, which is made when the first file comes."""
        self._folder = folder
        self._bytes_max = bytes_max

    def keep(self, stream: IO[bytes], *, now: datetime) -> Upload:
        """Write a file under a random name, and say what it is.

        Raises:
            FieldInvalid: it is empty, too large, or of a kind that is not taken; nothing is kept.

        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(16)
        part = self._folder / f"{name}{_UNFINISHED}"
        try:
            upload = self._written(stream, part, name)
            os.utime(part, (now.timestamp(), now.timestamp()))
            part.replace(self._folder / name)
        finally:
            part.unlink(missing_ok=True)
        self._settle()
        return upload

    def path(self, name: str) -> Path:
        """Return where a file lies.

        Raises:
            Gone: it is not there.

        """
        path = self._folder / name
        if _NAME.fullmatch(name) is None or not path.is_file():
            raise Gone("The file is not there any more. Tell the brand, please.")
        return path

    def remove(self, name: str) -> None:
        """Remove a file that no row names."""
        if _NAME.fullmatch(name) is not None:
            (self._folder / name).unlink(missing_ok=True)

    def missing(self, named: Collection[str]) -> list[str]:
        """Return which of the named files are not there."""
        return sorted(name for name in named if not (self._folder / name).is_file())

    def sweep(self, named: Collection[str], *, now: datetime) -> int:
        """Remove files that no row has named for a day; return how many."""
        removed = 0
        for file in self._old_files(now):
            if file.name not in named:
                file.unlink(missing_ok=True)
                removed += 1
        return removed

    def _old_files(self, now: datetime) -> Iterator[Path]:
        until = (now - ORPHANED_AFTER).timestamp()
        if not self._folder.is_dir():
            return
        for file in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another worker was quicker
                is_ours = _NAME.fullmatch(file.name.removesuffix(_UNFINISHED)) is not None
                if is_ours and file.stat().st_mtime < until:
                    yield file

    def _written(self, stream: IO[bytes], path: Path, name: str) -> Upload:
        sniffer, digest, size = Sniffer(), hashlib.sha256(), 0
        with open(path, "xb", opener=_private) as file:
            while piece := stream.read(PIECE_BYTES):
                size += len(piece)
                if size > self._bytes_max:
                    raise FieldInvalid(
                        "file",
                        "The file is too large; at most {most} bytes are taken.",
                        most=self._bytes_max,
                    )
                sniffer.read(piece)
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        media_type = sniffer.media_type()
        if media_type is None:
            raise FieldInvalid(
                "file",
                "Only PDF, PNG, JPEG, WebP, MP3, MP4, ZIP and plain text without markup are taken,"
                " whatever the file is called.",
            )
        return Upload(name, media_type, size, digest.hexdigest())

    def _settle(self) -> None:
        """Let the file's name survive a power cut, too."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
