"""E-mail addresses: whether one is one, and the form in which they are compared."""

import hashlib
import hmac
import unicodedata

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from moderation.services import Tools

LONGEST = 320


def problem_with(email: str) -> str:
    """Return the sentence that tells what is wrong with an address, or nothing."""
    if len(email) > LONGEST:
        return f"The e-mail address is longer than {LONGEST} characters. Check it."
    if _read(email) is None:
        return "The e-mail address does not look right. Write it like name@example.com."
    return ""


def normal(email: str) -> str:
    """Return the one form of all the ways to write a valid address."""
    read = _read(email)
    if read is None:
        raise ValueError("not an address")
    return f"{unicodedata.normalize('NFKC', read.local_part).casefold()}@{read.ascii_domain.lower()}"


def email_key(tools: Tools, email: str) -> str:
    """Return the keyed hash by which a guest is known again; the address itself decides nothing."""
    key = tools.settings.secret_key.get_secret_value().encode()
    return hmac.new(key, b"email:" + normal(email).encode(), hashlib.sha256).hexdigest()


def erased_key(tools: Tools, email: str | None, external_id: str | None) -> str | None:
    """Return the keyed hash by which a block knows somebody who erased himself: by the site's own id, else by address."""
    if external_id is not None:
        key = tools.settings.secret_key.get_secret_value().encode()
        return hmac.new(key, b"external:" + external_id.encode(), hashlib.sha256).hexdigest()
    return email_key(tools, email) if email else None


def domain_of(email: str) -> str:
    """Return the domain of a valid address, as DNS writes it."""
    return normal(email).rpartition("@")[2]


def normal_domain(domain: str) -> str:
    """Return a domain, with or without @, as DNS writes it; nothing if it is none."""
    read = _read("x@" + domain.strip().removeprefix("@"))
    return read.ascii_domain.lower() if read else ""


def _read(email: str) -> ValidatedEmail | None:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except (EmailNotValidError, ValueError):  # UnicodeError for half a surrogate pair
        return None
