"""Our logs: one JSON object a line, with the fields that are named here and nothing else.

A value that a person brought with them must not get in by accident, so fields are allowed, not
forbidden, and each only in its own shape.  Of an exception its type and its places in the code are
kept; its words can hold anything and are dropped.  Other libraries' words are dropped too.
"""

import logging
import re
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_ ]{0,59}")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,79}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ROUTE = re.compile(r"/[A-Za-z0-9_/.<>:-]{0,119}")
_PLACE = re.compile(r"[A-Za-z0-9_./<>-]{1,120}:\d+ [A-Za-z0-9_<>]{1,80}")

ALLOWED: dict[str, re.Pattern[str] | type] = {
    "event": _WORD,
    "level": _WORD,
    "timestamp": re.compile(r"[0-9T:.Z-]{20,30}"),
    "request_id": re.compile(r"[A-Za-z0-9._~:/+=-]{1,64}"),
    "method": re.compile(r"[A-Z]{3,7}"),
    "route": _ROUTE,
    "status": int,
    "ms": int,
    "count": int,
    "dropped": int,
    "line": int,
    "message_id": int,
    "delivery_id": int,
    "account_id": int,
    "endpoint_id": int,
    "request_public_id": _ID,
    "days": int,
    "purpose": re.compile(r"[a-z]{1,20}(:[A-Za-z0-9]{1,40})?"),
    "kid": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "brand": _ID,
    "offer": _ID,
    "provider": _ID,
    "logger": _DOTTED,
    "kind": _DOTTED,
    "type": _DOTTED,
    "error": _DOTTED,
    "cause": _DOTTED,
    "frames": _PLACE,
}
"""Every field with the shape of its values; a list is looked at one by one.

``route`` is the pattern of an address, never the address; ``error`` and ``cause`` are types.
"""

GRANIAN = {
    "handlers": {"ours": {"class": "server.logs.Library"}},
    "loggers": {"_granian": {"handlers": ["ours"], "level": "ERROR", "propagate": False}},
}
"""What Granian makes of logging before it loads the app."""

FRAMES_AT_MOST = 30
DROPPED: Counter[str] = Counter()
"""How often which field was dropped by this process."""

_ROOT = Path(__file__).parent.parent


class FieldNotAllowed(AssertionError):
    """Somebody logs a field that is not named, or a value of another shape."""


class OnlyAllowed:
    """The processor through which every line goes."""

    def __init__(self, *, strict: bool) -> None:
        """Raise for what is not allowed when ``strict``; else drop it and count it."""
        self._strict = strict

    def __call__(self, _logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
        """Return the line with what is allowed."""
        kept = {name: value for name, value in line.items() if _is_allowed(name, value)}
        wrong = sorted(line.keys() - kept.keys())
        if wrong and self._strict:
            msg = f"These fields are not allowed in logs, or not in this form: {', '.join(wrong)}."
            raise FieldNotAllowed(msg)
        if wrong:
            DROPPED.update(wrong)
            kept["dropped"] = len(wrong)
        kept.setdefault("event", "without a name")
        return kept


def configure(*, strict: bool) -> None:
    """Let this process log in our form, libraries and crashes too; ``strict`` is for development.

    What libraries log is never held against them, only reduced.
    """
    set_up(strict=strict)
    root = logging.getLogger()
    root.handlers = [Library()]
    root.setLevel(logging.WARNING)
    for known in list(logging.root.manager.loggerDict.values()):
        if isinstance(known, logging.Logger):
            known.handlers, known.propagate = [], True
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # or a broken handler prints the arguments
    sys.excepthook = crashed
    sys.unraisablehook = lambda found: crashed(found.exc_type, found.exc_value, found.exc_traceback)
    threading.excepthook = lambda found: crashed(
        found.exc_type, found.exc_value, found.exc_traceback
    )


def set_up(*, strict: bool) -> None:
    """Send our own lines through the list."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            reduced,
            OnlyAllowed(strict=strict),
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=False,
    )


def reduced(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    """Replace an exception by its type, its cause's type, and where it went through the code."""
    found = line.pop("exc_info", None)
    line.pop("stack_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, tuple):
        found = found[1]
    if isinstance(found, BaseException):
        line["error"] = type(found).__name__
        line["frames"] = frames_of(found)
        cause = found.__cause__ or found.__context__
        if cause is not None:
            line["cause"] = type(cause).__name__
    return line


def frames_of(error: BaseException) -> list[str]:
    """Return where an exception went through, as ``file:line function``, innermost last."""
    steps = traceback.walk_tb(error.__traceback__)
    return [
        f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in steps
    ][-FRAMES_AT_MOST:]


def _place(filename: str) -> str:
    """Return a file as the project or a package names it; code made at run time has no file."""
    if filename.startswith("<"):
        return "<generated>"
    path = Path(filename)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(_ROOT))
    return "/".join(path.parts[-2:])


def _is_allowed(name: str, value: object) -> bool:
    shape = ALLOWED.get(name)
    if isinstance(value, list | tuple):
        return name == "frames" and all(_is_allowed(name, one) for one in value)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    return shape is int and type(value) is int


class Library(logging.Handler):
    """Says that a library has something to say, and where; its words are not ours to judge."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        line: dict[str, Any] = {
            "event": "library",
            "level": record.levelname.lower(),
            "logger": record.name,
            "frames": [f"{_place(record.pathname)}:{record.lineno} {record.funcName}"],
        }
        found = record.exc_info[1] if record.exc_info else None
        if found is not None:
            line["exc_info"] = found
        _say_anyway(line)


class LastResort:
    """Answers 500 for what even the app's own error pages could not catch, and notes it."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        """Stand before a WSGI app."""
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, whatever happens."""
        try:
            return self._app(environ, start_response)
        except Exception as error:  # noqa: BLE001 - there is nobody behind us
            _say_anyway({"event": "unexpected", "level": "error", "exc_info": error})
            start_response("500 Internal Server Error", [("Content-Length", "0")], sys.exc_info())
            return []


def crashed(
    _type: type[BaseException], error: BaseException | None, _places: TracebackType | None
) -> None:
    """Note an exception that nobody caught, without its words."""
    if isinstance(error, KeyboardInterrupt):
        return
    _say_anyway({"event": "crashed", "level": "critical", "exc_info": error})


def _say_anyway(line: EventDict) -> None:
    """Write a line of which anything may be wrong."""
    line = reduced(None, "", line)
    line = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", line)
    kept = OnlyAllowed(strict=False)(None, "", line)
    sys.stdout.write(f"{structlog.processors.JSONRenderer()(None, '', kept)!s}\n")
    sys.stdout.flush()
