"""What every protocol of the folder promises, whichever it is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import BadSignature, InvalidInput
from moderation.protocols import protocols

NOW = datetime(2026, 11, 23, 12, 50, tzinfo=UTC)
EVERY = sorted(protocols())


def test_a_protocol_is_found_by_lying_in_the_folder():
    assert EVERY == ["contentful", "coral", "ghost", "hub-signature", "standard-webhooks"]


@pytest.mark.parametrize("name", EVERY)
def test_an_unsigned_message_is_refused(name):
    with pytest.raises(BadSignature):
        protocols()[name].verify({}, b"{}", ["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"], NOW)


@pytest.mark.parametrize("name", EVERY)
@given(body=st.binary() | st.text().map(str.encode))
def test_no_body_whatever_breaks_the_reader(name, body):
    """Any bytes are refused with a reason, never with a stack trace."""
    with pytest.raises(InvalidInput) as refused:
        protocols()[name].read(body)
    assert refused.value.fields
