"""What a check is, and how the groups collect theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from server.conformance.shop import Shop

Act = Callable[[Shop], None]


class Verdict(StrEnum):
    """What became of a check."""

    KEPT = "kept"
    BROKEN = "BROKEN"
    NOT_OFFERED = "not offered"
    NOT_CHECKED = "NOT CHECKED"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: its sentence, how many codes it burns, and the operations that it is about."""

    group: str
    sentence: str
    codes: int
    operations: tuple[str, ...]
    act: Act


@dataclass(frozen=True, slots=True)
class Result:
    """One check that ran, or why it did not."""

    check: Check
    verdict: Verdict
    seconds: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Promises about one thing."""

    name: str
    checks: list[Check] = field(default_factory=list)

    def promises(self, sentence: str, *operations: str, codes: int = 0) -> Callable[[Act], Act]:
        """Take a function that breaks off with ``Broken`` unless the promise is kept."""

        def add(act: Act) -> Act:
            self.checks.append(Check(self.name, sentence, codes, operations, act))
            return act

        return add
