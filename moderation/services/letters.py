"""What readers are written."""

from dataclasses import dataclass, field

LANGUAGES = ("en", "hy")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its address."""

    subject: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)
