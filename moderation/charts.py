"""Charts drawn on the server: points in, an SVG text or PNG bytes out. Needs the training environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Okabe and Ito's colours, told apart by colour-blind readers too; the second round of them is dashed.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#999999")
_DASHES = ((1, 0), (5, 3), (1.5, 2))
_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line in one panel."""

    panel: str
    series: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axes:
    """What the two axes show, both from 0 to 1; `diagonal` draws the line y = x for comparison; what a line stands for."""

    x: str
    y: str
    diagonal: bool = False
    dots: bool = False
    series: str = "source"


def as_svg(title: str, curves: Sequence[Curve], axes: Axes) -> str:
    """Return the chart as SVG, one panel per label."""
    import vl_convert  # noqa: PLC0415  # only where charts are drawn

    return str(vl_convert.vegalite_to_svg(_specification(title, curves, axes)))


def as_png(title: str, curves: Sequence[Curve], axes: Axes) -> bytes:
    """Return the chart as PNG, one panel per label."""
    import vl_convert  # noqa: PLC0415

    return bytes(vl_convert.vegalite_to_png(_specification(title, curves, axes), scale=1.5))


def _specification(title: str, curves: Sequence[Curve], axes: Axes) -> dict[str, Any]:
    import altair as alt  # noqa: PLC0415

    rows = [
        {"panel": curve.panel, "series": curve.series, "order": order, "x": round(x, 4), "y": round(y, 4)}
        for curve in curves
        for order, (x, y) in enumerate(curve.points)
    ]
    series = list(dict.fromkeys(curve.series for curve in curves))
    panels = list(dict.fromkeys(curve.panel for curve in curves))
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(values=_TICKS, format=".1f", labelFlush=False)
    base = alt.Chart().encode(
        x=alt.X("x:Q", title=axes.x, scale=scale, axis=axis),
        y=alt.Y("y:Q", title=axes.y, scale=scale, axis=axis),
    )
    colours = [_COLOURS[i % len(_COLOURS)] for i in range(len(series))]
    dashes = [list(_DASHES[i // len(_COLOURS) % len(_DASHES)]) for i in range(len(series))]
    legend = alt.Legend(title=axes.series, symbolType="stroke", symbolSize=300, symbolStrokeWidth=2)
    line = base.mark_line(strokeWidth=1.6, clip=True).encode(
        color=alt.Color("series:N", scale=alt.Scale(domain=series, range=colours), legend=legend),
        strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=series, range=dashes), legend=legend),
        order="order:Q",
    )
    layers = [line]
    if axes.dots:
        dots = base.mark_circle(size=24, opacity=1).encode(
            color=alt.Color("series:N", scale=alt.Scale(domain=series, range=colours), legend=None)
        )
        layers.append(dots.transform_filter("datum.series !== ''"))
    if axes.diagonal:
        rows += [
            {"panel": panel, "series": "", "order": int(end), "x": end, "y": end}
            for panel in panels
            for end in (0.0, 1.0)
        ]
        plain = base.mark_line(color="#bbbbbb", strokeWidth=1).transform_filter("datum.series === ''")
        layers = [plain, line.transform_filter("datum.series !== ''"), *layers[1:]]
    chart = (
        alt.layer(*layers, data=alt.InlineData(values=rows))
        .properties(width=210, height=210)
        .facet(
            facet=alt.Facet("panel:N", title=None, sort=panels, header=alt.Header(labelFontSize=13)),
            columns=3,
        )
        .properties(title=alt.TitleParams(title, fontSize=15, anchor="start", offset=14))
        .configure_legend(labelLimit=260)
        .configure_view(stroke="#dddddd")
    )
    specification: dict[str, Any] = chart.to_dict()
    return specification
