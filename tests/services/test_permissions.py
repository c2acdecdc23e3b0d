"""Who may do what: each role has what those before it have, nobody unknown and nobody closed has anything."""

import pytest

from moderation.errors import Forbidden
from moderation.services.permissions import PERMISSIONS, ROLES, has, may, require, roles_with
from tests.builders import NOW, a_moderator


@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_role_has_what_those_before_it_have(name):
    having = [has(role, name) for role in ROLES]
    assert having == sorted(having)
    assert having[-1]
    assert roles_with(name) == tuple(role for role in ROLES if has(role, name))
    assert roles_with(name)[0] == PERMISSIONS[name].least


def test_each_role_has_something_that_those_before_it_have_not():
    least = [permission.least for permission in PERMISSIONS.values()]
    assert {*least} == {*ROLES}


@pytest.mark.parametrize("role", ["", "emperor", "Administrator", "admin"])
@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_role_nobody_knows_has_nothing(role, name):
    assert not has(role, name)
    assert not may(a_moderator(role=role), name)


@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_closed_account_has_nothing(name):
    assert may(a_moderator(role="administrator"), name)
    closed = a_moderator(role="administrator", deactivated_at=NOW)
    assert not may(closed, name)
    with pytest.raises(Forbidden):
        require(closed, name)


def test_a_permission_nobody_knows_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        has("administrator", "fly")


def test_a_refusal_names_the_role_and_those_that_would_do():
    with pytest.raises(Forbidden) as refusal:
        require(a_moderator(role="moderator"), "publish_policy")
    assert str(refusal.value) == "Your role is moderator; this needs the role senior or administrator."
