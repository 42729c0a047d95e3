"""A small SVG: what was paid out against net sales, and who earned it.

Whole numbers only, also for places on the page.  The colours follow the reader's light or dark
setting, every bar carries its number as text, and nothing is said by colour alone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from rewards.backtest import Backtest, Moment
from rewards.money import WHOLE, Money, text

WIDTH, HEIGHT = 960, 440
LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 90, 90, 400, 280
BARS_LEFT, BARS_WIDTH, BAR_STEP, BAR_HEIGHT = 560, 370, 58, 18
POINTS_MAX = 400
GENERATIONS_MAX = 4

_STYLE = """
  svg { color-scheme: light dark; }
  .paper { fill: #ffffff; } .ink { fill: #1d2433; } .soft { fill: #566074; }
  .grid { stroke: #d5dae3; } .axis { stroke: #566074; }
  .limit { stroke: #9a5b00; } .limit-ink { fill: #9a5b00; }
  .paid { stroke: #0b61a4; } .bar { fill: #0b61a4; } .track { fill: #e6eaf1; }
  text { font: 13px system-ui, sans-serif; } .title { font-size: 18px; font-weight: 600; }
  .head { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14181f; } .ink { fill: #eef1f6; } .soft { fill: #aab3c2; }
    .grid { stroke: #333b48; } .axis { stroke: #aab3c2; }
    .limit { stroke: #f0b45b; } .limit-ink { fill: #f0b45b; }
    .paid { stroke: #74b6ee; } .bar { fill: #74b6ee; } .track { fill: #262d38; }
  }
"""


def draw(result: Backtest) -> str:
    """Return a backtest as one SVG document."""
    currency = result.terms.currency
    paid, net = Money(result.payout_minor, currency), Money(result.net_minor, currency)
    title = f"{paid} for {net} of net sales"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        '  role="img" aria-labelledby="title text">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="text">{escape(_in_words(result))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        _text(24, 40, title, "title ink"),
        *_curve(result),
        *_earners(result),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def by_generation(result: Backtest) -> list[tuple[str, int, int]]:
    """Return name, number of people and payout of those who began, those they brought, and on."""
    people: Counter[int] = Counter()
    paid: Counter[int] = Counter()
    for earner in result.earners:
        generation = min(earner.generation, GENERATIONS_MAX)
        people[generation] += 1
        paid[generation] += earner.payout_minor
    names = ("brought by nobody", "brought by these", "two steps away", "three steps away")
    return [
        (names[step] if step < GENERATIONS_MAX else "further away", people[step], paid[step])
        for step in sorted(people)
    ]


def _in_words(result: Backtest) -> str:
    """Say for those who cannot see it what the picture shows."""
    groups = "; ".join(
        f"{_people(number)} {name}: {Money(minor, result.terms.currency)}"
        for name, number, minor in by_generation(result)
    )
    return f"Payout against net sales, beside the highest rate. Who earns: {groups}."


def _curve(result: Backtest) -> Iterator[str]:
    """Yield the left half: payout against net sales, below the line of the highest rate."""
    currency, ceiling = result.terms.currency, result.terms.schedule.ceiling_basis_points
    net_max = max(1, *(moment.net_minor for moment in result.curve))
    # Visits can lift the credit above the sales, so the payout may pass the line of the rate.
    paid_max = max(1, net_max * ceiling // WHOLE, *(m.payout // WHOLE for m in result.curve))
    yield _text(LEFT, TOP - 16, f"Paid out, in {currency}", "head ink")
    for minor in _ticks(paid_max):
        y = _up(minor, paid_max)
        yield _line("grid", (LEFT, y), (LEFT + PLOT_WIDTH, y))
        yield _text(LEFT - 8, y + 4, text(minor, currency), "soft", "end")
    for minor in _ticks(net_max):
        x = _right(minor, net_max)
        yield _text(x, TOP + PLOT_HEIGHT + 20, text(minor, currency), "soft", "middle")
    yield _line("axis", (LEFT, _up(0, 1)), (LEFT + PLOT_WIDTH, _up(0, 1)))
    yield _text(LEFT, TOP + PLOT_HEIGHT + 42, f"Net sales through links, in {currency}", "head ink")
    at_most = net_max * ceiling // WHOLE
    end = _right(net_max, net_max), _up(at_most, paid_max)
    yield _line("limit", (LEFT, _up(0, 1)), end, ' stroke-dasharray="6 4" stroke-width="2"')
    label = f"highest rate, {ceiling // 100}.{ceiling % 100:02} %"
    yield _text(end[0], end[1] - 6, label, "limit-ink", "end")
    points = " ".join(
        f"{_right(moment.net_minor, net_max)},{_up(moment.payout // WHOLE, paid_max)}"
        for moment in _thinned(result.curve)
    )
    yield f'<polyline class="paid" fill="none" stroke-width="3" points="{points}"/>'


def _earners(result: Backtest) -> Iterator[str]:
    """Yield the right half: a bar for each generation, as long as its part of the payout."""
    yield _text(BARS_LEFT, TOP - 16, "Who earns it", "head ink")
    whole = max(1, result.payout_minor)
    for row, (name, number, minor) in enumerate(by_generation(result)):
        y = TOP + row * BAR_STEP + 14
        share = minor * 100 // whole
        label = f"{Money(minor, result.terms.currency)} ({share} %)"
        yield _text(BARS_LEFT, y, f"{_people(number)} {name}", "ink")
        yield _text(BARS_LEFT + BARS_WIDTH, y, label, "ink", "end")
        size = f'x="{BARS_LEFT}" y="{y + 8}" height="{BAR_HEIGHT}" rx="3"'
        yield f'<rect class="track" {size} width="{BARS_WIDTH}"/>'
        if minor:
            yield f'<rect class="bar" {size} width="{max(2, BARS_WIDTH * minor // whole)}"/>'


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _thinned(moments: Sequence[Moment]) -> Sequence[Moment]:
    """Return at most so many moments that a line can show, the last one included."""
    step = -(-len(moments) // POINTS_MAX)
    return [*moments[:-1:step], moments[-1]]


def _ticks(largest: int) -> list[int]:
    """Return round numbers from 0 upwards, at most six."""
    step = 1
    while largest // step > 5:  # noqa: PLR2004 - as many labels as one reads at a glance
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, largest + 1, step))


def _right(minor: int, largest: int) -> int:
    return LEFT + max(0, minor) * PLOT_WIDTH // largest


def _up(minor: int, largest: int) -> int:
    return TOP + PLOT_HEIGHT - max(0, minor) * PLOT_HEIGHT // largest


def _line(kind: str, start: tuple[int, int], end: tuple[int, int], more: str = "") -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"{more}/>'


def _text(x: int, y: int, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
