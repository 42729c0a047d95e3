"""The reward schedule W: marginal rate bands, like those of an income tax.

W maps the credit of a whole branch, in minor units, to its reward in parts (10 000 parts are one
minor unit).  W(0) = 0, and because the rates never fall, W is convex and so superadditive:
W(a) + W(b) <= W(a + b).  That one property makes splitting an account worthless.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rewards.errors import TermsInvalid
from rewards.money import LARGEST_MINOR, WHOLE


@dataclass(frozen=True, slots=True)
class Band:
    """One rate, in basis points, and how much credit lies in its band, in minor units."""

    rate_basis_points: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Thresholds t_0 = 0 < t_1 < ... in minor units and rates r_0 <= r_1 <= ... in basis points.

    Raises:
        TermsInvalid: the thresholds or rates cannot work; the text says what to do.
    """

    thresholds_minor: tuple[int, ...]
    rates_basis_points: tuple[int, ...]
    offsets: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """Within band i, W(z) = r_i * z - offset_i: the same W as straight lines."""

    def __post_init__(self) -> None:
        """Refuse a schedule that is not convex, or that could pay all of an order back."""
        self._check()
        offsets = [0]
        for (low, high), start in zip(
            pairwise(self.rates_basis_points), self.thresholds_minor[1:], strict=True
        ):
            offsets.append(offsets[-1] + (high - low) * start)
        object.__setattr__(self, "offsets", tuple(offsets))

    def _check(self) -> None:
        thresholds, rates = self.thresholds_minor, self.rates_basis_points
        if len(thresholds) != len(rates) or not thresholds:
            msg = "Give as many rates as thresholds, and at least one of each."
        elif thresholds[0] != 0:
            msg = "Let the first threshold be 0, so that every credit has a rate."
        elif any(low >= high for low, high in pairwise(thresholds)):
            msg = "Let every threshold be higher than the one before."
        elif thresholds[-1] > LARGEST_MINOR:
            msg = f"Let the thresholds stay within {LARGEST_MINOR} minor units."
        elif any(low > high for low, high in pairwise(rates)):
            msg = "Let no rate be lower than the one before: falling rates reward split accounts."
        elif rates[0] < 0 or not 0 < rates[-1] < WHOLE:
            msg = "Let the rates lie between 0 and 9999 basis points, the last one above 0."
        else:
            return
        raise TermsInvalid(msg)

    @property
    def floor_basis_points(self) -> int:
        """The lowest rate, r_0."""
        return self.rates_basis_points[0]

    @property
    def ceiling_basis_points(self) -> int:
        """The highest rate, PHI: no payout is a larger share of the credit."""
        return self.rates_basis_points[-1]

    @property
    def shortfall(self) -> int:
        """K: what all lower bands pay less than the ceiling rate would, in parts.

        PHI * z - K <= W(z) <= PHI * z (docs/ENGINE.md §3, ceiling).
        """
        phi = self.ceiling_basis_points
        return sum((phi - rate) * width for rate, _, width in self._finite_bands())

    def reward(self, credit_minor: int) -> int:
        """Return W(z) = sum of r_i * clamp(z - t_i, 0, t_{i+1} - t_i), in parts.

        Source: docs/ENGINE.md §3.
        """
        band = bisect_right(self.thresholds_minor, credit_minor, 1) - 1
        return self.rates_basis_points[band] * credit_minor - self.offsets[band]

    def credit_within(self, reward: int) -> int:
        """Return the largest z with W(z) <= ``reward`` (parts, not negative), in minor units.

        Source: docs/ENGINE.md §4, the inverse of W in the band where it is.
        """
        for rate, start, width in self._finite_bands():
            if reward < rate * width:
                return start + reward // rate
            reward -= rate * width
        return self.thresholds_minor[-1] + reward // self.ceiling_basis_points

    def bands(self, credit_minor: int) -> tuple[Band, ...]:
        """Divide a credit into its bands, leaving out the empty ones; their sum is the credit."""
        divided, above = [], credit_minor
        for rate, _, width in self._finite_bands():
            divided.append(Band(rate, min(above, width)))
            above -= divided[-1].credit_minor
        divided.append(Band(self.ceiling_basis_points, above))
        return tuple(band for band in divided if band.credit_minor)

    def _finite_bands(self) -> Iterator[tuple[int, int, int]]:
        """Yield rate, start and width of every band but the last, which has no end."""
        rates = self.rates_basis_points
        for (start, end), rate in zip(pairwise(self.thresholds_minor), rates, strict=False):
            yield rate, start, end - start
