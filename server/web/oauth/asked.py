"""What is asked of the authorization server, and when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from sqlmodel import Session
from werkzeug.datastructures import Headers, MultiDict


@dataclass(frozen=True, slots=True)
class Turn:
    """The one transaction and the one moment in which a request is answered."""

    db: Session
    issuer: str
    now: datetime


class Payload(OAuth2Payload):
    """The parameters of one request, from the one place where they belong."""

    def __init__(self, values: MultiDict[str, str]) -> None:
        """Take the query of an authorization request, or the form of a token request."""
        self._values = values

    @property
    def data(self) -> MultiDict[str, str]:
        """Every parameter with its first value."""
        return self._values

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """Every parameter with all its values."""
        return defaultdict(list, self._values.to_dict(flat=False))


class Request(OAuth2Request):
    """One OAuth request.  Its address is built from settings, never from the Host header."""

    def __init__(
        self, method: str, uri: str, values: MultiDict[str, str], headers: Headers
    ) -> None:
        """Take what Authlib needs of an HTTP request."""
        super().__init__(method, uri, headers=_readable(headers))
        self.payload = Payload(values)
        self._values = values

    @property
    def form(self) -> MultiDict[str, str]:
        """The parameters again, under the name by which grants ask for them."""
        return self._values


def _readable(headers: Headers) -> dict[str, str]:
    """Return the headers, without an Authorization that Authlib could not decode."""
    kept = dict(headers)
    try:
        extract_basic_authorization(kept)
    except ValueError:
        del kept["Authorization"]
    return kept
