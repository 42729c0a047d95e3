"""The Beta distribution: its cumulative probability and its quantiles; an estimate, so in floats.

Both tails are computed where they are small, and what would overflow or cancel is kept as a
logarithm, so that very lopsided distributions stay right.  Sources: the continued fraction is
NIST DLMF 8.17.22, evaluated by the method of Lentz (DLMF 3.10); Stirling's series is DLMF 5.11.1.
"""

import math

ENOUGH = 10.0
"""From here on the five terms of Stirling's series below are exact to double precision."""

_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
_SMALLEST_LOG = -745.0
"""The logarithm of the smallest positive double."""
_HALVINGS = 64
_TINY = 1e-300
_PRECISION = 1e-15
_MOST_STEPS = 200_000
"""About the square root of the parameters is enough; rounding must not keep us for ever."""


def log_beta(a: float, b: float) -> float:
    """Return the logarithm of B(a, b), for positive a and b."""
    small, large = min(a, b), max(a, b)
    if large < ENOUGH:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    both = a + b
    falling = small - small * math.log(both) - (large - 0.5) * math.log1p(small / large)
    return math.lgamma(small) + falling + _correction(large) - _correction(both)


def probability_below(x: float, a: float, b: float) -> float:
    """Return P(theta <= x) for theta ~ Beta(a, b): the regularised incomplete beta function.

    ``a`` and ``b`` are positive; below 0 the answer is 0, above 1 it is 1.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    return _below(x, 1 - x, a, b)


def quantile(probability: float, a: float, b: float) -> float:
    """Return the x with P(theta <= x) = ``probability`` for theta ~ Beta(a, b).

    Bisection on the logarithm of x finds also what lies very near to 0.
    """
    low, high = _SMALLEST_LOG, 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _below(math.exp(middle), -math.expm1(middle), a, b) < probability:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _below(x: float, rest: float, a: float, b: float) -> float:
    """Return I_x(a, b); ``rest`` is 1 - x, given apart because it may be the exact one."""
    front = math.exp(_log_density(x, rest, a, b))
    if x <= (a + 1) / (a + b + 2):
        return min(1.0, front * _fraction(x, a, b) / a)
    return max(0.0, 1 - front * _fraction(rest, b, a) / b)


def _fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function (DLMF 8.17.22)."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value, m = d, 0
    while abs(c * d - 1) > _PRECISION and m < _MOST_STEPS:
        m += 1
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
    return value


def _not_zero(number: float) -> float:
    return number or _TINY


def _log_density(x: float, rest: float, a: float, b: float) -> float:
    """Return log(x^a * rest^b / B(a, b)).

    Where both parameters are large, this is -(a + b) times the divergence between the mean and x,
    and a small rest; so nothing large cancels.
    """
    if min(a, b) < ENOUGH:
        log_x = math.log1p(-rest) if rest < x else math.log(x)
        log_rest = math.log1p(-x) if x < rest else math.log(rest)
        return a * log_x + b * log_rest - log_beta(a, b)
    both = a + b
    away = (x * b - rest * a) / both
    divergence = a * _log_of_ratio(x, away, a / both) + b * _log_of_ratio(rest, -away, b / both)
    height = math.log(a * b / (2 * math.pi * both)) / 2
    return divergence + height + _correction(both) - _correction(a) - _correction(b)


def _log_of_ratio(x: float, away: float, mean: float) -> float:
    """Return log(x / mean), where ``away`` is x - mean without its rounding."""
    return math.log1p(away / mean) if abs(away) < mean / 2 else math.log(x / mean)


def _correction(z: float) -> float:
    """Return log Gamma(z) - ((z - 1/2) log z - z + log(2 pi) / 2), for z >= ENOUGH."""
    inverse_square = 1 / (z * z)
    result = 0.0
    for coefficient in reversed(_STIRLING):
        result = result * inverse_square + coefficient
    return result / z
