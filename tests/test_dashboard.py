"""The dashboard and the alerts ask for metrics that there are."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from moderation.services import overseeing

DOCS = Path(__file__).resolve().parent.parent / "docs"
BOARD = json.loads((DOCS / "grafana.json").read_text("utf-8"))
OPERATING = (DOCS / "operating.md").read_text("utf-8")
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
# An alert: its name, what it asks, what it says.
RULES = re.findall(
    r"- alert: (\w+)\n +expr: (.+)\n(?: +for: \w+\n)? +annotations: \{summary: \"(.+)\"\}", OPERATING
)


@pytest.fixture
def series(tools) -> dict[str, set[str]]:
    """The name of every series that the service can show, with its labels."""
    text = tools.metrics.exposition(overseeing.as_metrics(tools, overseeing.look(tools))).decode()
    labels = {
        name: set(metric._labelnames)
        for metric in {*tools.metrics.registry._collector_to_names}
        for name in (metric._name,)
    }
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        own = labels.get(family.name, {name for one in family.samples for name in one.labels})
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        found |= {
            family.name + ending: {*own, *(["le"] if ending == "_bucket" else [])} for ending in endings
        }
    return found


def asked_for(expression: str) -> set[str]:
    return {*re.findall(r"moderation_\w+", expression)}


def test_every_metric_the_dashboard_asks_for_is_there(series):
    expressions = [target["expr"] for panel in PANELS for target in panel["targets"]]
    assert len(expressions) > 25
    asked = {name for expression in expressions for name in asked_for(expression)}
    assert asked - {*series} == set()


def test_every_metric_is_on_the_dashboard(series):
    """Those of a histogram count as one."""
    asked = {name for panel in PANELS for target in panel["targets"] for name in asked_for(target["expr"])}
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in series}
    assert families - {re.sub("_(bucket|sum|count)$", "", name) for name in asked} == set()


def test_every_metric_an_alert_asks_for_is_there(series):
    assert len(RULES) == OPERATING.count("- alert: ") >= 8
    asked = {name for _, expression, _ in RULES for name in asked_for(expression)}
    assert asked - {*series} == set()


def test_every_metric_is_written_down_with_its_labels(series):
    for name, labels in series.items():
        family = re.sub("_(bucket|sum|count)$", "", name)
        told = re.search(rf"`{family}(?:{{([^}}]*)}})?`", OPERATING)
        assert told, name
        assert {*(told[1] or "").replace(",", " ").split()} >= labels - {"le"}, name


def test_the_dashboard_is_one_that_grafana_reads():
    """The parts of its schema that a panel cannot do without; no two panels lie on one another."""
    assert BOARD["schemaVersion"] >= 36
    assert [one["name"] for one in BOARD["templating"]["list"]] == ["datasource", "job"]
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len({*ids}) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    for panel in PANELS:
        assert panel["type"] in ("timeseries", "stat")
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert [target["refId"] for target in panel["targets"]] == [*"ABCDEFGH"[: len(panel["targets"])]]
        assert {"defaults", "overrides"} <= {*panel["fieldConfig"]}
        assert all(target["expr"].count("(") == target["expr"].count(")") for target in panel["targets"])
