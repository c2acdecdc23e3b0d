"""Every page and state of the reader's side, and the way there. A new page is one line in STATES.

A way takes a window and the world around it, works without script, and ends on the page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from moderation.services import addresses, linking, notifying, utc_now
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from tests.browser.looking import enter, post

CLEAN = "I see it otherwise, and here is why."
PROFANE = "This is fucking bullshit."
ATTACK = "You are an idiot."
HELD = "Pashinyan is an idiot"
MIXED = "Սա ճիշտ է, and here is why: это правда."

Page = Any
_number = count(1)


@dataclass
class World:
    """The service, a way to open further windows, and the moderator's, once it was needed."""

    service: Any
    visitor: Callable[..., Page]
    moderator: Page = field(default=None)

    @property
    def desk(self) -> Page:
        """A window at the desk."""
        if self.moderator is None:
            self.moderator = self.visitor()
            enter(self.moderator, self.service)
        return self.moderator

    @property
    def slug(self) -> str:
        """Short name of the article."""
        return self.service.article.rpartition("/")[2]

    @property
    def tools(self) -> Any:
        """What signs links as the service does."""
        return SimpleNamespace(settings=Settings(base_url=self.service.base))

    def store(self) -> Any:
        """A look into the service's database."""
        return Database(self.service.database).read()

    def somebody(self) -> dict[str, str]:
        """Name and address of a reader who was never here."""
        number = next(_number)
        return {"name": f"Anahit {number}", "email": f"anahit{number}@example.com"}


def at(path: str) -> Callable[[Page, World], None]:
    """The way to an address."""
    return lambda page, world: page.goto(path)


def article(page: Page, world: World) -> None:
    page.goto(world.service.article)


def posted(*bodies: str) -> Callable[[Page, World], None]:
    """The way to the answer to the last of these comments, all by one reader."""

    def lead(page: Page, world: World) -> None:
        who = world.somebody()
        for body in bodies:
            article(page, world)
            post(page, body, **who)

    return lead


def replying(page: Page, world: World) -> None:
    posted(MIXED)(page, world)
    article(page, world)
    page.click(".reply >> nth=0")


def filled(page: Page, world: World, body: str, button: int) -> None:
    article(page, world)
    for name, value in {**world.somebody(), "body": body}.items():
        page.fill(f"#{name}", value)
    with page.expect_navigation():
        page.click(f"#comment-form .buttons button >> nth={button}")


def mistaken(page: Page, world: World) -> None:
    article(page, world)
    with page.expect_navigation():
        page.click("#comment-form .buttons button")


def sent(body: str) -> Callable[[Page, World], None]:
    return lambda page, world: filled(page, world, body, 0)


def checked(body: str) -> Callable[[Page, World], None]:
    return lambda page, world: filled(page, world, body, 1)


def reworded(page: Page, world: World) -> None:
    """Halted by the check before posting, written otherwise, and sent."""
    sent(ATTACK)(page, world)
    page.fill("#body", CLEAN)
    with page.expect_navigation():
        page.click("#comment-form .buttons button")


def blocked(page: Page, world: World) -> None:
    who = world.somebody()
    for body in (ATTACK, f"{ATTACK} Again.", f"{ATTACK} And again."):
        article(page, world)
        post(page, body, **who)
    article(page, world)
    for name, value in {**who, "body": CLEAN}.items():
        page.fill(f"#{name}", value)
    with page.expect_navigation():
        page.click("#comment-form .buttons button")


def removed(page: Page, world: World) -> None:
    who = world.somebody()
    article(page, world)
    post(page, CLEAN, **who)
    answer = page.url
    world.desk.goto("/desk/?state=published")
    case = world.desk.locator(".case", has_text=f"{who['name']} ")
    case.locator("summary", has_text="Take down").click()
    case.locator("select[name=clause]").first.select_option("spam")
    with world.desk.expect_navigation():
        case.locator("button", has_text="Take the comment down").click()
    page.goto(answer)


def refused(page: Page, world: World) -> None:
    posted(f"{ATTACK} {PROFANE}")(page, world)


def pressed(
    lead: Callable[[Page, World], None], selector: str, **fields: str
) -> Callable[[Page, World], None]:
    """The way to what follows a page when its fields are filled in and something on it is pressed."""

    def further(page: Page, world: World) -> None:
        lead(page, world)
        for name, value in fields.items():
            page.fill(f"#{name}", value)
        with page.expect_navigation():
            page.click(selector)

    return further


APPEAL = "main a[href*='/appeals/']"
appealing = pressed(refused, APPEAL)
appealed = pressed(appealing, "main form button", text="I quoted him, and said so.")


def answered(verdict: str) -> Callable[[Page, World], None]:
    """The way to an appeal that a moderator granted or refused."""

    def lead(page: Page, world: World) -> None:
        words = f"I quoted him, as note {next(_number)} says."
        pressed(appealing, "main form button", text=words)(page, world)
        desk = world.desk
        desk.goto("/desk/appeals")
        case = desk.locator(".case", has_text=words)
        case.locator("textarea").fill("It was read again.")
        with desk.expect_navigation():
            case.locator(f"button[value={verdict}]").click()
        page.reload()

    return lead


def reporting(page: Page, world: World) -> None:
    posted(CLEAN)(world.visitor(), world)
    article(page, world)
    with page.expect_navigation():
        page.click("main a[href$='/report'] >> nth=0")


def reported(page: Page, world: World) -> None:
    reporting(page, world)
    page.select_option("#clause", "spam")
    page.fill("#sentence", "It is the same text again.")
    with page.expect_navigation():
        page.click("main form button")


def permalink(page: Page, world: World) -> None:
    posted(MIXED)(page, world)
    article(page, world)
    with page.expect_navigation():
        page.click(".comment header a >> nth=0")


def linked(page: Page, world: World) -> None:
    """To the link that was mailed, after one comment of each fate."""
    who = world.somebody()
    for body in (MIXED, HELD, ATTACK):
        article(page, world)
        post(page, body, **who)
    with world.store() as store:
        author = store.people.find(
            site_id=store.sites.all()[0].id, email_key=addresses.email_key(world.tools, who["email"])
        )
    page.goto(linking._address(world.tools, author, utc_now() + timedelta(minutes=5)))


def mine(page: Page, world: World) -> None:
    linked(page, world)
    with page.expect_navigation():
        page.click("main button")


def from_mine(*links: str) -> Callable[[Page, World], None]:
    """The way from one's own comments by these links."""

    def lead(page: Page, world: World) -> None:
        mine(page, world)
        for link in links:
            with page.expect_navigation():
                page.click(link)

    return lead


editing = from_mine("a[href*='/mine/comments/']")


def asked(email: str) -> Callable[[Page, World], None]:
    def lead(page: Page, world: World) -> None:
        page.goto("/mine")
        page.fill("#email", email)
        with page.expect_navigation():
            page.click("main button")

    return lead


def unsubscribing(*presses: str) -> Callable[[Page, World], None]:
    def lead(page: Page, world: World) -> None:
        page.goto(f"/unsubscribe/{notifying._signer(world.tools).dumps('nothing')}")
        for press in presses:
            with page.expect_navigation():
                page.click(press)

    return lead


@dataclass(frozen=True)
class State:
    """A way, and the start of the heading that it ends at, in each language; empty where readers' words are it."""

    lead: Callable[[Page, World], None]
    en: str = ""
    hy: str = ""


STATES = {
    "home": State(at("/"), "Under discussion", "Քննարկվում է"),
    "policy": State(at("/policy"), "Asbarez Discussion Policy", "«Ասպարեզ»-ի քննարկման կանոնները"),
    "problems": State(at("/problems"), "Errors and what they mean", "Սխալները և դրանց նշանակությունը"),
    "nowhere": State(at("/nowhere"), "Not Found", "Չի գտնվել"),
    "article": State(article),
    "reply": State(replying),
    "mistaken": State(mistaken),
    "checked-clean": State(checked(CLEAN), "Before you post", "Ուղարկելուց առաջ"),
    "checked": State(checked(f"{ATTACK} {PROFANE}"), "Before you post", "Ուղարկելուց առաջ"),
    "checked-held": State(checked(HELD), "Before you post", "Ուղարկելուց առաջ"),
    "halted": State(sent(ATTACK), "Before you post", "Ուղարկելուց առաջ"),
    "published": State(posted(MIXED), "Your comment is published", "Ձեր մեկնաբանությունը հրապարակված է"),
    "reworded": State(reworded, "Your comment is published", "Ձեր մեկնաբանությունը հրապարակված է"),
    "held": State(posted(HELD), "A moderator will read", "Ձեր մեկնաբանությունը կկարդա խմբագիրը"),
    "rejected": State(
        posted(f"{ATTACK} {PROFANE}"), "Your comment was not", "Ձեր մեկնաբանությունը չի թույլատրվել"
    ),
    "warned": State(
        posted(ATTACK, f"{ATTACK} So."), "Your comment was not", "Ձեր մեկնաբանությունը չի թույլատրվել"
    ),
    "blocked": State(blocked, "You are blocked", "Ձեզ արգելված է մեկնաբանել"),
    "appealing": State(appealing, "Appeal a decision", "Բողոքարկել որոշումը"),
    "appeal-mistaken": State(pressed(appealing, "main form button"), "Appeal a", "Բողոքարկել որոշումը"),
    "appealed": State(appealed, "Your appeal is waiting", "Ձեր բողոքը սպասում է պատասխանի"),
    "appeal-withdrawn": State(pressed(appealed, "main form button"), "You withdrew your", "Դուք հետ վերցրիք"),
    "appeal-granted": State(answered("grant"), "Your appeal was granted", "Ձեր բողոքը բավարարվեց"),
    "appeal-refused": State(answered("refuse"), "Your appeal was refused", "Ձեր բողոքը մերժվեց"),
    "reporting": State(reporting, "Report a comment", "Բողոքել մեկնաբանության դեմ"),
    "report-mistaken": State(pressed(reporting, "main form button"), "Report a comment", "Բողոքել"),
    "reported": State(reported, "Report a comment", "Բողոքել մեկնաբանության դեմ"),
    "permalink": State(permalink),
    "frame": State(lambda page, world: page.goto(f"/embed/thread?article={world.slug}")),
    "frame-of-nothing": State(at("/embed/thread?article=nowhere"), "No discussion", "Քննարկում չկա"),
    "edit-mistaken": State(pressed(editing, "main form button", body=""), "Change a", "Փոխել"),
    "edited": State(pressed(editing, "main form button", body=MIXED), "My comments", "Իմ"),
    "mine-ask": State(at("/mine"), "My comments", "Իմ մեկնաբանությունները"),
    "mine-asked": State(asked("nobody@example.com"), "My comments", "Իմ մեկնաբանությունները"),
    "mine-mistaken": State(asked("nobody"), "My comments", "Իմ մեկնաբանությունները"),
    "mine-link": State(linked, "Open my comments", "Բացել իմ մեկնաբանությունները"),
    "mine": State(mine, "My comments", "Իմ մեկնաբանությունները"),
    "mine-edit": State(from_mine("a[href*='/mine/comments/']"), "Change a comment", "Փոխել մեկնաբանությունը"),
    "mine-withdrawn": State(
        from_mine("form[action*='/withdraw'] button"), "My comments", "Իմ մեկնաբանությունները"
    ),
    "mine-erase": State(from_mine("a[href*='/mine/erase']"), "Erase me", "Ջնջել ինձ"),
    "mine-unsure": State(from_mine("a[href*='/mine/erase']", "main button"), "Erase me", "Ջնջել ինձ"),
    "unsubscribe": State(unsubscribing(), "Mails about replies", "Նամակներ պատասխանների մասին"),
    "unsubscribed": State(unsubscribing("main button"), "Mails about replies", "Նամակներ պատասխանների մասին"),
    "sign-on": State(at("/sso/asbarez"), "Sign in to comment", "Մուտք գործեք մեկնաբանելու համար"),
    "removed": State(removed, "Your comment was removed", "Ձեր մեկնաբանությունը հեռացվել է"),
}
