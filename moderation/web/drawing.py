"""Charts as SVG made by the server; colours by class, for the page allows no style of its own. A table stands beside each."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 220, 44, 24, 8
_LONGEST = 27  # letters of a label beside a bar; the table has the whole


def stacked_bars(title: str, rows: Sequence[tuple[str, Mapping[str, int]]], series: Sequence[str]) -> Markup:
    """Return bars side by side, one a row, each stacked of its series (`series-1` ... as class) from below."""
    highest = max((sum(values.get(name, 0) for name in series) for _, values in rows), default=0) or 1
    step = (_WIDTH - _LEFT) / max(len(rows), 1)
    parts = [_grid(highest)]
    for number, (label, values) in enumerate(rows):
        x, base = _LEFT + number * step, float(_HEIGHT - _BOTTOM)
        for place, name in enumerate(series, 1):
            size = values.get(name, 0) * (_HEIGHT - _BOTTOM - _TOP) / highest
            base -= size
            if size:
                parts.append(
                    Markup(
                        '<rect class="series-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
                    ).format(place, x + step * 0.1, base, step * 0.8, size)
                )
        if number % max(1, len(rows) // 6) == 0:
            parts.append(Markup('<text x="{:.1f}" y="{}">{}</text>').format(x, _HEIGHT - 6, label))
    return _drawn(title, parts, _HEIGHT)


def bars(title: str, rows: Sequence[tuple[str, int]]) -> Markup:
    """Return lying bars, one a row, with their number."""
    highest = max((number for _, number in rows), default=0) or 1
    parts = []
    for place, (label, number) in enumerate(rows):
        y = place * 28
        parts.append(
            Markup(
                '<text x="0" y="{}">{}</text><rect class="series-1" x="200" y="{}" width="{:.1f}" height="18"/>'
                '<text x="{:.1f}" y="{}">{}</text>'
            ).format(
                y + 16,
                _short(label),
                y + 2,
                360 * number / highest,
                206 + 360 * number / highest,
                y + 16,
                number,
            )
        )
    return _drawn(title, parts, max(28 * len(rows), 28))


def shares(title: str, rows: Sequence[tuple[str, float, float, float]]) -> Markup:
    """Return shares from 0 to 1 as dots, each on the line of its interval: (label, share, low, high)."""
    parts = []
    for place, (label, share, low, high) in enumerate(rows):
        y = place * 28 + 12
        parts.append(
            Markup(
                '<text x="0" y="{}">{}</text><line class="axis" x1="200" x2="600" y1="{}" y2="{}"/>'
                '<line class="interval" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>'
                '<circle class="series-1" cx="{:.1f}" cy="{}" r="5"/>'
            ).format(
                y + 4, _short(label), y, y, 200 + 400 * low, 200 + 400 * high, y, y, 200 + 400 * share, y
            )
        )
    return _drawn(title, parts, max(28 * len(rows), 28))


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"


def _grid(highest: int) -> Markup:
    lines = []
    for part in (0.0, 0.5, 1.0):
        y = _HEIGHT - _BOTTOM - part * (_HEIGHT - _BOTTOM - _TOP)
        lines.append(
            Markup(
                '<line class="axis" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text x="0" y="{:.1f}">{:g}</text>'
            ).format(_LEFT, _WIDTH, y, y, y + 4, highest * part)
        )
    return Markup("").join(lines)


def _drawn(title: str, parts: Sequence[Markup], height: int) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, escape(title), Markup("").join(parts)
    )
