"""Everything the one who runs the service can set, from the environment (`MODERATION_*`), refused at start if wrong."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

import limits
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from moderation.errors import Misconfigured

_HOME = Path(__file__).resolve().parent.parent
_SHORTEST_SECRET = 32
DEVELOPMENT_SECRET = "development-secret-not-for-production"  # noqa: S105  refused in production


class Settings(BaseSettings):
    """Typed settings; the defaults start a working service on SQLite."""

    model_config = SettingsConfigDict(env_prefix="MODERATION_", frozen=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    database_url: str = Field(
        default="sqlite:///var/moderation.db", description="SQLAlchemy URL: SQLite or PostgreSQL."
    )
    redis_url: str = Field(
        default="",
        pattern=r"^(rediss?://[^\s?]+(\?ssl_[^\s]*)?)?$",  # a password stands before the host, where it is masked
        description="redis://:password@host:6379/0, where several hosts share the work; empty: none.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_SECRET),
        description="Signs sessions and links, keys e-mail hashes. 32 characters or more.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^\s/]+",
        description="The address readers and moderators use.",
    )
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    policy_path: Path = _HOME / "config" / "policy.toml"
    models_dir: Path = _HOME / "models"
    learned_dir: Path = Field(
        default=Path("var/models"), description="Models learned here, and which of them is in force."
    )
    seeds_dir: Path = _HOME / "seeds"
    feedback_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=180, description="Days for which the text of feedback is kept where no comment is stored."
    )
    hidden_text_days: Annotated[int, Field(ge=0, le=36500)] = Field(
        default=365,
        description="Days for which words are kept that no reader sees: rejected, removed, withdrawn; 0: for ever.",
    )
    address_days: Annotated[int, Field(ge=0, le=36500)] = Field(
        default=365,
        description="Days for which the e-mail address of who writes no more is kept; 0: for ever.",
    )
    traffic_days: Annotated[int, Field(ge=7, le=3650)] = Field(
        default=30, description="Days for which is kept what programs sent here and were sent."
    )
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        default=0, description="Proxies before us whose X-Forwarded-* count."
    )
    posting_limit: str = Field(default="20 per minute", description="Comments one network may post.")
    checking_limit: str = Field(
        default="60 per minute", description="Checks before posting one network may ask for."
    )
    sign_in_limit: str = Field(default="30 per 15 minutes", description="Sign-ins one network may try.")
    second_factor_for: Annotated[
        tuple[Literal["viewer", "moderator", "senior", "administrator"], ...], NoDecode
    ] = Field(default=(), description="Roles that must turn on a second factor, with commas between.")
    api_limit: str = Field(default="1200 per minute", description="Calls of the API one key may make.")
    allow_private_webhooks: bool = Field(
        default=False, description="Let outgoing webhooks go to private addresses (tests)."
    )
    smtp_url: str = Field(
        default="", description="smtp://user:password@host:587; empty: mail is printed on the console."
    )
    mail_from: str = "moderation@localhost"
    mail_per_address: str = Field(
        default="4 per hour", description="Links one address is sent, whoever asks for them."
    )
    mail_per_network: str = Field(
        default="20 per hour", description="Links that are sent because one network asked."
    )
    live_streams: Annotated[int, Field(ge=0, le=60)] = Field(
        default=2,
        description="Streams of live updates in one process, each with a thread; other pages ask instead.",
    )
    queue_alert_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        default=12, description="Hours a comment may wait for a moderator before editors are told."
    )
    digest_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        default=6, description="Hour (UTC) from which editors are mailed the day's digest."
    )
    second_look_percent: Annotated[float, Field(ge=0, le=100)] = Field(
        default=2, description="Percent of decisions that another moderator judges blind."
    )
    health_token: SecretStr = Field(
        default=SecretStr(""),
        description="Lets a monitor elsewhere read /metrics and the details of /health/ready.",
    )
    disk_warning_mb: Annotated[int, Field(ge=0)] = Field(
        default=1024, description="Free megabytes below which a disk counts as nearly full."
    )
    longest_wait: Annotated[float, Field(ge=0, le=60)] = Field(
        default=0.4,
        description="Seconds a request may wait for a thread before it is turned away with 429; 0: for ever.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    sign_on_minutes: Annotated[int, Field(ge=1, le=60)] = Field(
        default=10, description="How far ahead a sign-on token may expire."
    )

    @field_validator("second_factor_for", mode="before")
    @classmethod
    def _is_a_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(role.strip() for role in value.split(",") if role.strip())

    @field_validator(
        "posting_limit",
        "checking_limit",
        "api_limit",
        "sign_in_limit",
        "mail_per_address",
        "mail_per_network",
    )
    @classmethod
    def _is_a_limit(cls, value: str) -> str:
        limits.parse_many(value)
        return value

    @model_validator(mode="after")
    def _production_has_its_own_secret(self) -> Self:
        secret = self.secret_key.get_secret_value()
        if len(secret) < _SHORTEST_SECRET:
            raise ValueError(f"MODERATION_SECRET_KEY: give {_SHORTEST_SECRET} characters or more")
        if self.environment == "production" and (
            secret == DEVELOPMENT_SECRET or len(secret) < _SHORTEST_SECRET
        ):
            raise ValueError("MODERATION_SECRET_KEY: set a secret of 32 characters or more for production")
        return self

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Leave addresses out of what is printed of settings: they may hold a password."""
        return [(name, value) for name, value in super().__repr_args__() if not str(name).endswith("_url")]


def read_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        Misconfigured: names the variable and what is wrong with it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "MODERATION_" + "_".join(str(part).upper() for part in first["loc"])
        raise Misconfigured(f"{name}: {first['msg']}. Correct this environment variable.") from error
