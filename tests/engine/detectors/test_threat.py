"""Threats: violence announced, called for or wished; violence that is reported is none."""

import pytest


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("Soldiers killed forty people in the village, the report says.", "publish"),
        ("He should be tried in The Hague.", "publish"),
        ("They will pay for this at the polls.", "publish"),
        ("We will beat them at the next election, I hope.", "hold"),
        ("I hope you get cancer.", "hold"),
        ("I wish somebody would break his legs.", "hold"),
        ("I will kill you.", "reject"),
        ("i w1ll k1ll you", "reject"),
        ("Somebody should shoot the traitors.", "reject"),
        ("We should burn down their mosques with them inside.", "reject"),
        ("I know where you live.", "reject"),
    ],
)
def test_a_call_for_violence_is_a_threat_and_a_report_is_none(decide, body, verdict):
    decision = decide(body)
    assert decision.verdict == verdict, decision.reasons
    assert verdict == "publish" or decision.clause == "threat"
