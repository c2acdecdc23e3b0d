"""A damaged file is refused whole, and the last good model and policy decide on."""

from tests.faults import poison


def test_of_damaged_models_none_is_loaded_and_the_last_good_one_decides(tmp_path):
    counts = poison.models(tmp_path, 40)
    assert counts.faultless(), counts
    assert counts.decisions == 160


def test_of_damaged_policies_none_touches_the_one_in_force(tmp_path):
    counts = poison.policies(tmp_path, 18)
    assert counts.faultless(), counts
    assert counts.acknowledged > 5
