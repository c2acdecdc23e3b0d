"""Identity attacks: the name of a group is never an offence; degrading, sending away, denying and wishing it away are."""

import pytest


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("Turkish troops crossed the border on Tuesday, an Azeri officer said.", "publish"),
        ("Armenians and Kurds lived in the same villages.", "publish"),
        ("We went back to Armenia last summer and it was lovely.", "publish"),
        ("They should all go back to their country.", "hold"),
        ("Turks are barbarians.", "hold"),
        ("Never trust a Russian.", "hold"),
        ("There was no Armenian genocide.", "hold"),
        ("All Turks are animals.", "reject"),
        ("The only good Armenian is a dead Armenian.", "reject"),
        ("All Azeris should be exterminated.", "reject"),
        ("They should have finished the job in 1915.", "reject"),
    ],
)
def test_what_is_said_of_a_group_decides_and_not_its_name(decide, body, verdict):
    decision = decide(body)
    assert decision.verdict == verdict, decision.reasons
    assert verdict == "publish" or decision.clause == "identity-attack"
