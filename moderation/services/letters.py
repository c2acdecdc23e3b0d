"""What readers are written, in English and Armenian: plain text, a link each, and nobody's comment."""

from dataclasses import dataclass, field

LANGUAGES = ("en", "hy")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its address."""

    subject: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)


_CONFIRM = {
    "en": (
        "Confirm your address for {site}",
        "A comment was sent to {site} with this address. If you wrote it, open this link within {hours} hours:\n\n"
        "{link}\n\n"
        "Your comment is then decided on like every other. The link works once.\n\n"
        "If you did not write it, do nothing: the comment is not published, and nothing is held against you.\n",
    ),
    "hy": (
        "Հաստատեք ձեր հասցեն՝ {site}",
        "Այս հասցեով մեկնաբանություն է ուղարկվել {site} կայքին։ Եթե դուք եք գրել այն, բացեք այս հղումը {hours} ժամվա ընթացքում.\n\n"
        "{link}\n\n"
        "Այնուհետև ձեր մեկնաբանության մասին կորոշվի ինչպես ցանկացած այլի։ Հղումը գործում է մեկ անգամ։\n\n"
        "Եթե դուք չեք գրել, ոչինչ մի՛ արեք. մեկնաբանությունը չի հրապարակվի, և ձեզ որպես մեղք ոչինչ չի գրվի։\n",
    ),
}
_OPEN = {
    "en": (
        "Your comments on {site}",
        "This link shows what you wrote on {site} and what became of it. You can change, withdraw, export and erase it there.\n"
        "It works once, for {minutes} minutes:\n\n"
        "{link}\n\n"
        "If you did not ask for it, do nothing.\n",
    ),
    "hy": (
        "Ձեր մեկնաբանությունները՝ {site}",
        "Այս հղումը ցույց է տալիս, թե ինչ եք գրել {site} կայքում և ինչ է դարձել դրա հետ։ Այնտեղ կարող եք փոխել, ետ վերցնել, "
        "արտահանել և ջնջել այն։\nԱյն գործում է մեկ անգամ, {minutes} րոպե.\n\n"
        "{link}\n\n"
        "Եթե դուք չեք խնդրել այն, ոչինչ մի՛ արեք։\n",
    ),
}
_REPLIES = {
    "en": (
        "{count} new under “{title}”",
        "Replies to what you wrote under “{title}”: {count}.\n\n"
        "{links}\n\n"
        "You asked to be told of replies in this discussion. To be told no more:\n{unsubscribe}\n",
    ),
    "hy": (
        "{count} նոր պատասխան՝ «{title}»",
        "Պատասխաններ ձեր գրածին՝ «{title}» հոդվածի տակ. {count}։\n\n"
        "{links}\n\n"
        "Դուք խնդրել էիք տեղեկացնել այս քննարկման պատասխանների մասին։ Այլևս չտեղեկացվելու համար՝\n{unsubscribe}\n",
    ),
}


def confirmation(language: str, *, site: str, link: str, hours: int) -> Letter:
    """Return the letter that asks whether an address is the reader's."""
    return _written(_CONFIRM, language, site=site, link=link, hours=hours)


def own_comments(language: str, *, site: str, link: str, minutes: int) -> Letter:
    """Return the letter with the link to one's own comments."""
    return _written(_OPEN, language, site=site, link=link, minutes=minutes)


def replies(language: str, *, title: str, links: list[str], unsubscribe: str) -> Letter:
    """Return the letter that tells of replies, with the headers of RFC 8058 by which it is unsubscribed in one click."""
    written = _written(
        _REPLIES, language, title=title, count=len(links), links="\n".join(links), unsubscribe=unsubscribe
    )
    headers = {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return Letter(written.subject, written.text, headers)


def _written(letter: dict[str, tuple[str, str]], language: str, **facts: object) -> Letter:
    subject, text = letter[language if language in LANGUAGES else "en"]
    # A headline may hold a line end, a header must not.
    return Letter(" ".join(subject.format(**facts).split()), text.format(**facts))
