"""A page as a browser without script reads it: forms, links, text, and what a screen reader depends on."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What stands on a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.languages: list[str] = []  # links to the same page in another language
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.marked: list[str] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._textarea = self._select = None
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).split())

    def form(self, ending: str) -> Form:
        """The one form whose action ends so."""
        (found,) = [form for form in self.forms if form.action.endswith(ending)]
        return found

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append(int(tag[1:]))
        elif tag == "a":
            where = self.languages if "hreflang" in given else self.links
            where.append(given.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "mark":
            self.marked.append("")
        elif tag == "input" and given.get("type") in ("checkbox", "radio") and "checked" not in given:
            pass  # a browser sends what is ticked
        elif tag == "input" and self.forms and "form" in self._open:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "textarea" and "name" in given:
            self._textarea = given["name"]
            self.forms[-1].fields[self._textarea] = ""
        elif tag == "select":
            self._select = given["name"]
        elif (
            tag == "option"
            and self._select
            and (self._select not in self.forms[-1].fields or "selected" in given)
        ):
            self.forms[-1].fields[self._select] = given["value"]
        elif tag == "button" and self.forms and "form" in self._open:
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag):
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1] == tag, f"</{tag}> closes <{self._open[-1]}>"
        self._open.pop()
        if tag == "textarea":
            self._textarea = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data):
        if self._textarea:
            fields = self.forms[-1].fields
            fields[self._textarea] += data.removeprefix("\n") if not fields[self._textarea] else data
        elif "style" not in self._open and "script" not in self._open:
            self._text.append(data)
            if "mark" in self._open and "sup" not in self._open:
                self.marked[-1] += data

    def check(self) -> None:
        """Assert what every page owes its readers."""
        assert not self._open, f"left open: {self._open}"
        ids = [given["id"] for _, given in self.tags if "id" in given]
        assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
        labelled = {given["for"] for tag, given in self.tags if tag == "label" and "for" in given}
        for tag, given in self.tags:
            assert "style" not in given, "the Content-Security-Policy forbids inline styles"
            assert not [name for name in given if name.startswith("on")], "and inline handlers"
            assert tag not in ("style", "iframe", "object", "embed", "base")
            if tag == "script":
                assert given.get("type") == "module", "a page waits for no script"
                assert given.get("src", "").startswith("/static/"), "and runs none but ours"
            for reference in ("aria-describedby", "aria-labelledby", "for"):
                for name in given.get(reference, "").split():
                    assert name in ids, f"{reference} leads to #{name}, which is not there"
            shown = given.get("type") != "hidden" and "hidden" not in given
            if tag in ("input", "select", "textarea") and shown:
                assert given.get("id") in labelled, f"{tag} {given} has no label"
            if tag == "a" and given.get("href", "").startswith("#"):
                assert given["href"][1:] in ids, f"{given['href']} leads nowhere"
            if tag == "form" and given.get("method") == "post":
                assert given["action"].startswith("/")
        for form in self.forms:
            assert form.method != "post" or "csrf_token" in form.fields, f"{form.action} has no token"
        assert self.headings.count(1) == 1
        for above, below in zip(self.headings, self.headings[1:], strict=False):
            assert below <= above + 1, f"a heading is skipped: {self.headings}"
        assert self.tags[0][1].get("lang") in ("en", "hy")
        assert [given for tag, given in self.tags if tag == "title"]
