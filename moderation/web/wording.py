"""What services and the policy say, in the language of the page.

Services speak English, in sentences of a known form; the policy speaks English and Armenian. A sentence that neither
this file nor the catalogue knows is shown as it is, and the page says that it is English.
"""

import re
from functools import cache

from flask_babel import gettext

from moderation.engine.policy import Rung
from moderation.web.desk_wording import AT_THE_DESK
from moderation.web.languages import DEFAULT, N_, language
from moderation.web.toolbox import tools

# The sentences of services and of the framework that a reader can meet; %(...)s stands for what varies.
KNOWN = (
    # Names of the fields, and what is wrong in one.
    N_("The form"),
    N_("Name"),
    N_("E-mail"),
    N_("Comment"),
    N_("The comment has %(number)s characters. Shorten it to %(longest)s."),
    N_("The name has %(number)s characters. Shorten it to %(longest)s."),
    N_("The comment is empty. Write something."),
    N_("The name is empty. Write something."),
    N_("The comment has half of a surrogate pair, which is no character. Remove it."),
    N_("The name has half of a surrogate pair, which is no character. Remove it."),
    N_("The comment has a NUL character. Remove it."),
    N_("The name has a NUL character. Remove it."),
    N_("The comment has a control character. Remove it."),
    N_("The name has a control character. Remove it."),
    N_("The comment has a sign that turns the direction of writing (U+202D, U+202E). Remove it."),
    N_("The name has a sign that turns the direction of writing (U+202D, U+202E). Remove it."),
    N_("The comment has more than %(number)s marks on one letter. Remove them."),
    N_("The name has more than %(number)s marks on one letter. Remove them."),
    N_("The comment did not arrive whole (U+FFFD). Write it again."),
    N_("The name did not arrive whole (U+FFFD). Write it again."),
    N_("The comment has markup (%(tag)s). Write plain text."),
    N_("The name has markup (%(tag)s). Write plain text."),
    N_("The name has < or >. Remove them."),
    N_("The e-mail address is missing. It is not shown to anyone."),
    N_("The e-mail address is longer than %(number)s characters. Check it."),
    N_("The e-mail address does not look right. Write it like name@example.com."),
    N_("parent_id must be 1 to %(number)s printable characters."),
    N_("The form has no field %(name)s. Send it as it stands here."),
    N_("It was open for too long, or the browser keeps no cookies for this site. Send it again."),
    N_(
        "It was open for too long, or the browser keeps no cookies for this site. "
        "Go back, reload the page and send it again."
    ),
    N_("The form was open for too long. Your text is still here: send it again."),
    N_("Your sign-in on this page is over. Load the page again, or write as a guest."),
    N_("The name reads as if you spoke for the paper. Choose a name that is your own."),
    N_("The name looks like that of somebody on the staff. Choose another, or sign in if it is yours."),
    N_("Comments from this address carry a badge. Open My comments by the link we send, then write."),
    # Appeals and reports.
    N_("The appeal has %(number)s characters. Shorten it to %(longest)s."),
    N_("The appeal is empty. Write something."),
    N_("The appeal has half of a surrogate pair, which is no character. Remove it."),
    N_("The appeal has a NUL character. Remove it."),
    N_("The appeal has a control character. Remove it."),
    N_("The appeal has a sign that turns the direction of writing (U+202D, U+202E). Remove it."),
    N_("The appeal has more than %(number)s marks on one letter. Remove them."),
    N_("The appeal did not arrive whole (U+FFFD). Write it again."),
    N_("The appeal has markup (%(tag)s). Write plain text."),
    N_("The sentence has %(number)s characters. Shorten it to %(longest)s."),
    N_("The sentence has half of a surrogate pair, which is no character. Remove it."),
    N_("The sentence has a NUL character. Remove it."),
    N_("The sentence has a control character. Remove it."),
    N_("The sentence has a sign that turns the direction of writing (U+202D, U+202E). Remove it."),
    N_("The sentence has more than %(number)s marks on one letter. Remove them."),
    N_("The sentence did not arrive whole (U+FFFD). Write it again."),
    N_("The sentence has markup (%(tag)s). Write plain text."),
    N_("Choose the rule that you think was broken."),
    N_("There is no such page. Open the link as it was given to you."),
    N_("There is nothing here that could be appealed, or no longer."),
    N_("There is no such comment, or it no longer shows."),
    N_("There is no such appeal."),
    # Why something was not done.
    N_("This link was used or has expired. Ask for another under My comments."),
    N_("This link is not whole. Copy all of it from the mail."),
    N_("There is no such comment of yours."),
    N_(
        "A comment can be changed for %(minutes)s minutes, while no moderator has decided on it. "
        "Withdraw it and write another."
    ),
    N_("Nothing was changed in the text."),
    N_("There is no such site."),
    N_("This site has no single sign-on. Comment as a guest."),
    N_("The comment could not be taken. Choose another name."),
    N_("Sign in first"),
    N_("There is no such article."),
    N_("There is no such page, or it is too old."),
    N_("The comment you want to answer is not there, or no longer."),
    N_("The discussion of this article is closed."),
    N_("This page does not exist. Start again at the first."),
    N_("Not a known place."),
    N_("You write faster than we take comments. Wait %(seconds)s seconds, then send it again."),
    N_("This form was sent from another site. Open the page here and send it again."),
    N_("Has the character U+0000. Leave it out."),
    N_("The comment was changed again and again while it was decided. Send it again."),
    N_("Somebody else did the same at this moment. Send it again."),
    N_("A value cannot be kept as it is. Remove its control characters."),
    N_("The database is busy and did not become free in time. Nothing was stored; please try again."),
    N_("The disk of the database is full. Nothing was stored; please try again later."),
    N_("The database cannot be reached. Nothing was stored; please try again later."),
    N_("The request could not be read. Send well-formed data and try again."),
    N_("This is not allowed."),
    N_("There is nothing at this address."),
    N_("This address does not take that method; the Allow header names those it takes."),
    N_("The request did not arrive in time. Send it again."),
    N_("The request is larger than this address takes. Shorten it and send it again."),
    N_("The content type is not one we read here. Send %(type)s."),
    N_("Too many requests in a short time. Wait a little and send it again."),
    N_("Something went wrong on our side. It was recorded; try again later."),
    N_("The service cannot answer just now. Try again in a moment."),
    # Titles of error pages.
    N_("What was sent is not valid"),
    N_("Not allowed"),
    N_("Not found"),
    N_("Not Found"),
    N_("Bad Request"),
    N_("Forbidden"),
    N_("Method Not Allowed"),
    N_("Request Entity Too Large"),
    N_("Unsupported Media Type"),
    N_("Service Unavailable"),
    N_("You are blocked from commenting"),
    N_("The discussion is closed"),
    N_("It does not fit what is there already"),
    N_("Somebody else decided first"),
    N_("Too many requests"),
    N_("Too Many Requests"),
    N_("Not available right now"),
    N_("No space left to store it"),
    N_("Something went wrong"),
    N_("The form could not be checked"),
    *AT_THE_DESK,
)
_VARIES = re.compile(r"%\\\((\w+)\\\)s")  # as re.escape() leaves it


def said(sentence: str) -> str:
    """Return a service's sentence in the language of the page, or as it is where nobody has translated it."""
    if language() == DEFAULT:
        return sentence
    if sentence in KNOWN:
        return str(gettext(sentence))
    for form, pattern in _forms():
        if found := pattern.fullmatch(sentence):
            return str(gettext(form, **{name: said(part) for name, part in found.groupdict().items()}))
    return sentence


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the sentences in which something varies, with what finds it."""
    return tuple(
        (form, re.compile(_VARIES.sub(r"(?P<\1>.*?)", re.escape(form)), re.DOTALL))
        for form in KNOWN
        if "%(" in form
    )


def worded(clause: str, sentence: str = "") -> dict[str, str]:
    """Return `title` and `sentence` of a clause, and the language they are in, for `lang`.

    `sentence` is what was said when it was decided; where the policy no longer has the clause, that stays.
    """
    in_force = tools().engine.policy
    code = language()
    try:
        title, today = in_force.clause_title(clause, code), in_force.clause_sentence(clause, code)
    except KeyError:
        return {"title": gettext("Discussion policy"), "sentence": sentence, "lang": DEFAULT}
    return {"title": title, "sentence": (sentence if code == DEFAULT else "") or today, "lang": code}


def penalty_said(sentence: str) -> dict[str, str]:
    """Return what the ladder tells an author as `sentence`, and the language it is in, as `lang`."""
    rungs: dict[str, Rung] = {rung.sentence: rung for rung in tools().engine.policy.ladder}
    rung = rungs.get(sentence)
    if language() == "hy" and rung:
        return {"sentence": rung.sentence_hy, "lang": "hy"}
    return {"sentence": sentence, "lang": DEFAULT}
