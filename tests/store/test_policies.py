import pytest


def test_a_policy_is_remembered_once(database, now):
    with database.begin() as store:
        assert store.policies.remember("v1", "the text", now)
        assert not store.policies.remember("v1", "another text", now)
    with database.read() as store:
        assert store.policies.get("v1").text == "the text"
        assert [policy.version for policy in store.policies.all()] == ["v1"]


def test_a_policy_whose_transaction_failed_is_remembered_by_the_next(database, now):
    with pytest.raises(RuntimeError), database.begin() as store:
        store.policies.remember("v1", "the text", now)
        raise RuntimeError
    with database.begin() as store:
        assert store.policies.remember("v1", "the text", now)
    with database.begin() as store:
        assert not store.policies.remember("v1", "the text", now)
    with database.read() as store:
        assert store.policies.get("v1").text == "the text"
