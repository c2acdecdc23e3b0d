"""Charts are drawn without a browser and without a network."""

import pytest

from moderation.charts import Axes, Curve, as_png, as_svg

LINES = [Curve("toxicity", "one", [(0, 0), (0.4, 0.8), (1, 1)]), Curve("spam", "two", [(0, 0), (1, 1)])]


@pytest.mark.parametrize("axes", [Axes("x", "y"), Axes("x", "y", diagonal=True, dots=True)])
def test_a_chart_names_its_panels_series_and_axes(axes):
    svg = as_svg("How well it ranks", LINES, axes)
    assert svg.startswith("<svg")
    for word in ("How well it ranks", "toxicity", "spam", "one", "two"):
        assert word in svg


def test_a_chart_can_be_a_png():
    assert as_png("t", LINES, Axes("x", "y", diagonal=True)).startswith(b"\x89PNG")
