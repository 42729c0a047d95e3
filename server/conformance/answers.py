"""An answer of the deployment, and what a check may expect of it."""

import json
from dataclasses import dataclass
from typing import Any

import requests

SHOWN = 160
"""How much of an unexpected answer is shown."""


class Broken(Exception):
    """The deployment does not keep a promise; the sentence says what it did instead."""


class Missing(Exception):
    """A check cannot begin; the sentence says what it lacks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; whatever it lacks is a broken promise, never a crash of ours."""

    asked: str
    response: requests.Response

    @property
    def status(self) -> int:
        """The status code."""
        return self.response.status_code

    @property
    def content(self) -> Any:  # noqa: ANN401 - any JSON
        """The body as JSON."""
        try:
            return json.loads(self.response.content)
        except ValueError as error:
            raise Broken(f"{self.asked} answered {self.status} and no JSON.") from error

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        """Return a member of the body."""
        content = self.content
        if not isinstance(content, dict) or name not in content:
            raise Broken(f"{self.asked} answered {self.status} without the member {name}.")
        return content[name]

    def header(self, name: str) -> str:
        """Return a header that must be there."""
        if name not in self.response.headers:
            raise Broken(f"{self.asked} answered {self.status} without the header {name}.")
        return self.response.headers[name]

    def expect(self, *statuses: int) -> "Answer":
        """Return this answer if it has one of these statuses."""
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise Broken(f"{self.asked} answered {self.status} instead of {wanted}: {self._text()}")
        return self

    def expect_problem(self, status: int, slug: str) -> "Answer":
        """Return this answer if it is this problem."""
        self.expect(status)
        if not str(self["type"]).endswith(f"/problems/{slug}"):
            raise Broken(f"{self.asked} answered the problem {self['type']} instead of {slug}.")
        return self

    def expect_refusal(self, key: str) -> "Answer":
        """Return this answer if it refuses a code with this key."""
        self.expect_problem(422, "code-refused")
        if self["key"] != key:
            raise Broken(f"{self.asked} was refused as {self['key']} instead of {key}.")
        return self

    def expect_same(self, first: "Answer") -> "Answer":
        """Return this answer if it says what an earlier one said."""
        if self.content != first.content:
            raise Broken(f"{self.asked} answered differently the second time: {self._text()}")
        return self

    def _text(self) -> str:
        said = " ".join(self.response.text.split())
        return said if len(said) <= SHOWN else f"{said[:SHOWN]}..."


def promise(kept: bool, otherwise: str) -> None:  # noqa: FBT001 - what is promised
    """Say what is wrong unless a promise is kept."""
    if not kept:
        raise Broken(otherwise)
