import pytest

from moderation.web.linking import linked


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://example.com/a?b=c#d for more.", ["https://example.com/a?b=c#d"]),
        ("(https://example.com/a), and http://b.example.", ["https://example.com/a", "http://b.example"]),
        ("\U0001f600 https://example.com \U0001f600", ["https://example.com"]),
        ("Տես https://hy.wikipedia.org/wiki/Հայաստան։", ["https://hy.wikipedia.org/wiki/Հայաստան"]),
        ("example.com and www.example.com and ann@example.com", []),
        ("javascript://example.com/%0aalert(1)", []),
        ("ftp://example.com and //example.com and mailto:a@example.com", []),
        ("data:text/html,https://", []),
        ("https://paper.example@evil.example/", []),
        ("https://", []),
    ],
)
def test_addresses_with_http_are_found_and_no_others(text, links):
    parts = linked(text)
    assert "".join(part.text for part in parts) == text
    found = [part.text for part in parts if part.href]
    assert [link.rstrip("։") for link in found] == links
    assert all(part.href.startswith(("http://", "https://")) for part in parts if part.href)
