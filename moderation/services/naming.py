"""Display names that would pass their bearer off as staff: compared without case, accents, spaces and look-alikes."""

import re
from collections.abc import Iterable
from functools import lru_cache

from moderation.engine.folding import LEET, TO_LATIN, fold_unicode, without_marks
from moderation.engine.policy import StaffNames
from moderation.errors import InvalidInput
from moderation.services import Tools
from moderation.store.tables import Author, Site
from moderation.store.unit_of_work import Store

# What looks alike within Latin letters, after letters of other scripts and digits were read as Latin ones.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SINGLE = str.maketrans({"i": "l", "j": "l"})
_TELLING = 4  # letters, from which the name of a paper inside another word is no accident
_FILLERS = ("the", "of", "at", "your", "from")
_WORDS = re.compile(r"[^\W_]+")
_SAYS_STAFF = "The name reads as if you spoke for the paper. Choose a name that is your own."
_SAYS_SOMEBODY = (
    "The name looks like that of somebody on the staff. Choose another, or sign in if it is yours."
)


@lru_cache(maxsize=4096)
def look(text: str) -> tuple[str, ...]:
    """Return the words of a name as they look: alike for any two that a reader would take for one another."""
    folded = without_marks(fold_unicode(text.strip())).casefold()
    words, found = [], _WORDS.findall(folded)
    # A number behind a name makes no other person of it.
    for word in [word for word in found if not word.isdigit()] or found:
        plain = (re.sub(r"\d+$", "", word) or word).translate(TO_LATIN).translate(LEET)
        for pair, single in _PAIRS:
            plain = plain.replace(pair, single)
        words.append(plain.translate(_SINGLE))
    return tuple(words)


def problem_with_name(name: str, *, staff: Iterable[str], site: str, names: StaffNames) -> str:
    """Return why a reader may not bear this name, or nothing."""
    words = look(name)
    joined = "".join(words)
    if not joined:
        return ""
    roles = {"".join(look(role)) for role in names.roles}
    papers = {"".join(look(paper)) for paper in (*names.papers, site)} - {""}
    fillers = {"".join(look(filler)) for filler in _FILLERS}
    for somebody in staff:
        theirs = look(somebody)
        if not theirs:
            continue
        if joined == "".join(theirs) or sorted(words) == sorted(theirs):
            return _SAYS_SOMEBODY
        rest = _without(words, theirs)
        if rest is not None and _made_of("".join(rest), roles | papers | fillers):
            return _SAYS_SOMEBODY
    if _made_of(joined, roles | papers | fillers) and not _made_of(joined, fillers):
        return _SAYS_STAFF
    if any(paper in joined for paper in papers if len(paper) >= _TELLING) and any(
        role in joined for role in roles
    ):
        return _SAYS_STAFF
    return ""


def refuse_names_of_staff(tools: Tools, store: Store, site: Site, name: str, author: Author | None) -> None:
    """Raise InvalidInput where a reader's name passes him off as staff; `author` is who he was shown to be, or None."""
    if author is not None and author.role == "staff":
        return
    staff = [moderator.name for moderator in store.moderators.all() if moderator.deactivated_at is None]
    staff += [other.name for other in store.people.staff(site.id) if author is None or other.id != author.id]
    problem = problem_with_name(name, staff=staff, site=site.name, names=tools.engine.policy.staff_names)
    if problem:
        raise InvalidInput("The comment could not be taken. Choose another name.", {"name": [problem]})


def _without(words: tuple[str, ...], theirs: tuple[str, ...]) -> list[str] | None:
    """Return the words of a name besides those of another, or None where it has not all of them."""
    rest = [*words]
    for word in theirs:
        if word not in rest:
            return None
        rest.remove(word)
    return rest


def _made_of(joined: str, parts: set[str]) -> bool:
    """Tell whether a text is these parts and nothing else, however it is cut."""
    reached = {0}
    for end in range(1, len(joined) + 1):
        if any(part and end - len(part) in reached and joined.endswith(part, 0, end) for part in parts):
            reached.add(end)
    return bool(joined) and len(joined) in reached
