"""Every table of the service as a mapped class; each column says what it holds.

Rows are plain dataclasses with keyword arguments. They print their id and nothing else, because what is
printed may reach a log. There are no relationships: a query names what it joins, and nothing is loaded behind
a reader's back.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from moderation.store.columns import UtcDateTime, new_id

__all__ = [
    "AkismetCall",
    "Alert",
    "ApiKey",
    "Appeal",
    "Article",
    "AuditEvent",
    "Author",
    "AuthorNote",
    "Batch",
    "BatchItem",
    "Block",
    "Claim",
    "Comment",
    "DecisionRow",
    "Delivery",
    "DeskSession",
    "Endpoint",
    "Import",
    "ImportedAuthor",
    "ImportedComment",
    "KeptAnswer",
    "LabelledDecision",
    "Mail",
    "Moderator",
    "NetworkKey",
    "NetworkSeen",
    "OneTimeLink",
    "PolicyDraft",
    "PolicyPublication",
    "PolicyVersion",
    "Range",
    "ReceivedHook",
    "RecoveryCode",
    "Replay",
    "ReplyWatch",
    "Report",
    "ReportedComment",
    "RewordingCount",
    "SecondLook",
    "SignOnKey",
    "Site",
    "SkippedRecord",
    "SpentToken",
    "Step",
    "Strike",
    "Table",
    "new_id",
]

STANDARD_WEBHOOKS, AKISMET = "standard-webhooks", "akismet"
PUBLISHED = "published"
IMPORT = "import"
NO_PERSONS = ("engine", IMPORT)  # what makes decisions besides moderators
STATES = (PUBLISHED, "held", "rejected", "withdrawn", "removed")


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Table(MappedAsDataclass, DeclarativeBase, kw_only=True, repr=False, eq=False):
    """The parent of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
    }

    def __repr__(self) -> str:
        """Return class and key only: bodies, names and addresses stay out of logs and tracebacks."""
        keys = (str(getattr(self, column.name)) for column in self.__mapper__.primary_key)
        return f"<{type(self).__name__} {'/'.join(keys)}>"


class Site(Table, kw_only=True):
    """A newspaper, or one discussion area of it."""

    __tablename__ = "sites"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    slug: Mapped[str] = mapped_column(unique=True, comment="Short name in addresses")
    name: Mapped[str] = mapped_column(comment="Name shown to readers")
    origins: Mapped[list[str]] = mapped_column(
        default_factory=list,
        comment="Origins of the site's pages, which may show the embed and ask for counts",
    )
    closes_after_days: Mapped[int | None] = mapped_column(
        default=None,
        comment="Days after publication when discussions close by themselves; empty: they do not",
    )
    sets_up_articles: Mapped[bool] = mapped_column(
        default=False, comment="Whether the first comment through the embed sets up an article not known yet"
    )
    language: Mapped[str] = mapped_column(default="en", comment="Language of the site's pages")
    created_at: Mapped[datetime] = mapped_column(comment="When the site was set up")
    inbound_secrets: Mapped[list[str]] = mapped_column(
        default_factory=list,
        comment="Secrets (whsec_...) that sign webhooks from the site; several during a change",
    )
    coral_secrets: Mapped[list[str]] = mapped_column(
        default_factory=list, comment="Secrets with which the site's Coral signs; several during a change"
    )
    confirms_addresses: Mapped[bool] = mapped_column(
        default=False, comment="Whether a guest's comments wait until the address is confirmed"
    )
    sender_secrets: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict,
        comment="Secrets with which the site's other systems sign, by protocol; several during a change",
    )


class SignOnKey(Table, kw_only=True):
    """A key with which a site signs who its readers are; several during a change."""

    __tablename__ = "sign_on_keys"
    __table_args__ = (UniqueConstraint("site_id", "kid"), _one_of("algorithm", "HS256", "RS256"))

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site that signs")
    kid: Mapped[str] = mapped_column(comment="The name that a token's header gives it")
    algorithm: Mapped[str] = mapped_column(comment="HS256 or RS256; what a token says of it is not believed")
    secret: Mapped[str] = mapped_column(Text, comment="The shared secret, or the public key in PEM")
    issuer: Mapped[str] = mapped_column(default="", comment="The iss that tokens must have; empty for any")
    names_staff: Mapped[bool] = mapped_column(
        default=False, comment="Whether its tokens may say who is staff"
    )
    created_at: Mapped[datetime] = mapped_column(comment="When it was set")
    revoked_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was revoked")


class ApiKey(Table, kw_only=True):
    """A key with which a site's own system calls the API."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), index=True, comment="The site it speaks for")
    name: Mapped[str] = mapped_column(comment="What it is used for")
    prefix: Mapped[str] = mapped_column(comment="First characters, to recognise it by")
    digest: Mapped[str] = mapped_column(unique=True, comment="SHA-256 of the key; the key itself is not kept")
    scopes: Mapped[list[str]] = mapped_column(default_factory=list, comment="What it may do")
    created_at: Mapped[datetime] = mapped_column(comment="When it was made")
    last_used_at: Mapped[datetime | None] = mapped_column(default=None, comment="Last use, exact to a minute")
    revoked_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was revoked")
    rotated_at: Mapped[datetime | None] = mapped_column(default=None, comment="When another took its place")
    ends_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When it opens nothing more, because another took its place"
    )


class Endpoint(Table, kw_only=True):
    """An address of a site that wants to hear of events."""

    __tablename__ = "endpoints"
    __table_args__ = (_one_of("protocol", STANDARD_WEBHOOKS, AKISMET),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), index=True, comment="The site that listens")
    url: Mapped[str] = mapped_column(comment="Where events are sent")
    secret: Mapped[str] = mapped_column(comment="Secret (whsec_...) that signs what is sent")
    protocol: Mapped[str] = mapped_column(
        default=STANDARD_WEBHOOKS,
        comment="standard-webhooks; or akismet, which hears of its own comments alone and whose secret is its key",
    )
    events: Mapped[list[str]] = mapped_column(default_factory=list, comment="Events wanted; empty for all")
    created_at: Mapped[datetime] = mapped_column(comment="When it was set up")
    disabled_at: Mapped[datetime | None] = mapped_column(default=None, comment="When sending stopped")
    disabled_because: Mapped[str] = mapped_column(default="", comment="Why sending stopped")
    former_secret: Mapped[str] = mapped_column(
        default="", comment="The secret before this one, which signs too until the receiver has changed over"
    )
    former_until: Mapped[datetime | None] = mapped_column(
        default=None, comment="Until when the former secret signs"
    )
    failures: Mapped[int] = mapped_column(default=0, comment="Attempts that failed since one last arrived")
    rests_until: Mapped[datetime | None] = mapped_column(
        default=None, comment="Until when nothing is sent, because too much failed"
    )


class Article(Table, kw_only=True):
    """An article under discussion."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("site_id", "slug"),
        UniqueConstraint("site_id", "external_id"),
        Index(None, "site_id", "url"),
        _one_of("discussion", "open", "held-first", "closed"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site that published it")
    external_id: Mapped[str | None] = mapped_column(default=None, comment="Id in the site's own system")
    slug: Mapped[str] = mapped_column(comment="Short name in addresses")
    title: Mapped[str] = mapped_column(comment="Headline")
    source: Mapped[str] = mapped_column(default="", comment="Who published it first")
    byline: Mapped[str] = mapped_column(default="", comment="Who wrote it")
    url: Mapped[str] = mapped_column(default="", comment="Where the whole article is")
    summary: Mapped[str] = mapped_column(Text, default="", comment="Text shown above the discussion")
    text: Mapped[str] = mapped_column(Text, default="", comment="Text for the engine; may be empty")
    people: Mapped[list[str]] = mapped_column(
        default_factory=list, comment="Names of people the article is about"
    )
    language: Mapped[str] = mapped_column(default="en", comment="Language of the article")
    published_at: Mapped[datetime] = mapped_column(comment="When it was published")
    updated_at: Mapped[datetime] = mapped_column(comment="When it was last changed here")
    discussion: Mapped[str] = mapped_column(default="open", comment="open, held-first or closed")
    closed_at: Mapped[datetime | None] = mapped_column(default=None, comment="When the discussion was closed")
    closes_after_days: Mapped[int | None] = mapped_column(
        default=None,
        comment="Days after publication when it closes by itself; 0: never; empty: as the site says",
    )
    deleted_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When the site withdrew the article"
    )
    elsewhere: Mapped[bool] = mapped_column(
        default=False, comment="Whether another system shows the discussion, and no page of ours does"
    )
    told_at: Mapped[datetime | None] = mapped_column(
        default=None,
        comment="When what the site's own system told last had happened; older news changes nothing",
    )

    @property
    def has_page(self) -> bool:
        """Return whether a page of ours shows the article and its discussion."""
        return self.deleted_at is None and not self.elsewhere


class Author(Table, kw_only=True):
    """A reader who writes comments, known by the site's id or by a keyed hash of an e-mail address."""

    __tablename__ = "authors"
    __table_args__ = (
        UniqueConstraint("site_id", "external_id"),
        UniqueConstraint("site_id", "email_key"),
        _one_of("role", "reader", "trusted", "staff"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site the author writes on")
    external_id: Mapped[str | None] = mapped_column(default=None, comment="Id in the site's own system")
    email_key: Mapped[str | None] = mapped_column(
        default=None, comment="Keyed hash of the normalised e-mail address"
    )
    name: Mapped[str] = mapped_column(comment="Display name; empty after erasure")
    email: Mapped[str | None] = mapped_column(default=None, comment="E-mail address; empty after erasure")
    role: Mapped[str] = mapped_column(default="reader", comment="reader, trusted or staff")
    salt: Mapped[bytes | None] = mapped_column(
        default=None, comment="Salt of the audit digests; empty after erasure"
    )
    created_at: Mapped[datetime] = mapped_column(comment="When the first comment arrived")
    erased_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When all personal data were erased"
    )
    confirmed_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When the address was shown to be the author's"
    )
    session_epoch: Mapped[int] = mapped_column(
        default=0, comment="Readers' sessions of an earlier epoch have ended"
    )


_FILTERS = ("clause", "detector", "language")  # of the queue


class Comment(Table, kw_only=True):
    """A comment as it stands now; how it came to stand so is in its decisions."""

    __tablename__ = "comments"
    __table_args__ = (
        UniqueConstraint("site_id", "external_id"),
        Index(None, "state", "received_at", "id"),
        Index(None, "received_at", "id"),
        Index(None, "site_id", "received_at", "id"),
        Index(None, "article_id", "state", "received_at", "id"),
        Index(None, "article_id", "received_at", "id"),  # the latest of a discussion, whatever became of them
        Index(None, "author_id", "received_at", "state"),
        Index(  # an article's page begins with its top level
            "ix_comments_top_level",
            "article_id",
            "received_at",
            "id",
            sqlite_where=text("parent_id IS NULL"),
            postgresql_where=text("parent_id IS NULL"),
        ),
        Index(
            "ix_comments_most_discussed",
            "article_id",
            "replies",
            "received_at",
            "id",
            sqlite_where=text("parent_id IS NULL"),
            postgresql_where=text("parent_id IS NULL"),
        ),
        Index(None, "top_id", "received_at", "id"),
        # What waits is read by rank, whole or by one filter, and is few of many: an index over that alone. The state
        # leads although it is always the same: without it SQLite takes the index above and sorts the whole queue. The
        # other filters stand at the end, so that two of them are answered by an index alone.
        *(
            Index(
                f"ix_comments_waiting{'_' if column else ''}{column}",
                "state",
                *([column] if column else []),
                "rank",
                "received_at",
                "id",
                *([other for other in _FILTERS if other != column] if column else []),
                sqlite_where=text("state = 'held'"),
                postgresql_where=text("state = 'held'"),
            )
            for column in ("", *_FILTERS)
        ),
        Index(
            "ix_comments_pinned",
            "article_id",
            "pinned_at",
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
        _one_of("state", *STATES),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site it was written on")
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id"), comment="The article it discusses")
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id"), comment="Who wrote it")
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id"), default=None, index=True, comment="The comment it answers"
    )
    top_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id"), default=None, comment="The comment its thread begins with; empty: itself"
    )
    replies: Mapped[int] = mapped_column(
        default=0, comment="Published comments in the thread below, counted where the thread begins"
    )
    pinned_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When a moderator pinned it to the top of its discussion"
    )
    external_id: Mapped[str | None] = mapped_column(default=None, comment="Id in the site's own system")
    body: Mapped[str] = mapped_column(Text, comment="Text as typed; empty after erasure")
    language: Mapped[str | None] = mapped_column(default=None, comment="Language, as said or found")
    source: Mapped[str] = mapped_column(comment="form, embed, api, hook or import")
    state: Mapped[str] = mapped_column(comment="published, held, rejected, withdrawn or removed")
    version: Mapped[int] = mapped_column(
        default=1, comment="Rises with each change of state (optimistic lock)"
    )
    revision: Mapped[int] = mapped_column(default=1, comment="Rises with each change of the body")
    submitted_digest: Mapped[str] = mapped_column(
        default="", comment="SHA-256 of what was handed in, to know a repetition; empty after erasure"
    )
    received_at: Mapped[datetime] = mapped_column(comment="When it arrived")
    published_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When readers could first see it"
    )
    # No foreign key: decisions point back at comments, and SQLite cannot add the second such key later.
    decision_id: Mapped[str | None] = mapped_column(default=None, comment="The decision in force")
    clause: Mapped[str | None] = mapped_column(
        default=None, comment="The clause of the decision in force, by which the queue is filtered"
    )
    detector: Mapped[str | None] = mapped_column(
        default=None, comment="The detector that decided, by which the queue is filtered"
    )
    rank: Mapped[int] = mapped_column(
        default=0, comment="Place in the queue, the smallest first: severity, then reports, then reach"
    )


class DecisionRow(Table, kw_only=True):
    """One decision on a comment, by the engine or by a moderator; never changed, only erased."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("comment_id", "number"),
        Index(None, "decided_at", "id"),
        _one_of("verdict", "publish", "hold", "reject"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.id"), comment="The comment decided on")
    revision: Mapped[int] = mapped_column(default=1, comment="The revision of the body decided on")
    number: Mapped[int] = mapped_column(default=0, comment="Counts the decisions on this comment from 1")
    made_by: Mapped[str] = mapped_column(comment="engine, import, or a moderator's id")
    action: Mapped[str | None] = mapped_column(
        default=None, comment="What the moderator did: approve, reject, remove or restore"
    )
    verdict: Mapped[str] = mapped_column(comment="publish, hold or reject")
    clause: Mapped[str | None] = mapped_column(default=None, comment="The deciding clause of the policy")
    severity: Mapped[int] = mapped_column(
        default=0, comment="The clause's severity in the policy decided by, 0 to 100"
    )
    public: Mapped[dict[str, Any]] = mapped_column(comment="The decision as the public contract shows it")
    signals: Mapped[list[dict[str, Any]]] = mapped_column(
        default_factory=list, comment="All that detectors saw"
    )
    policy_version: Mapped[str] = mapped_column(comment="Version of the policy decided by")
    model_versions: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="Versions of the models"
    )
    engine_version: Mapped[str] = mapped_column(default="", comment="Version of the engine")
    decided_at: Mapped[datetime] = mapped_column(comment="When it was decided")
    duration_ms: Mapped[float] = mapped_column(default=0.0, comment="How long the engine took")
    note: Mapped[str | None] = mapped_column(
        Text, default=None, comment="The moderator's note; empty after erasure"
    )


class PolicyVersion(Table, kw_only=True):
    """The text of a policy that decided something once."""

    __tablename__ = "policies"

    version: Mapped[str] = mapped_column(primary_key=True, comment="Hash of the content")
    text: Mapped[str] = mapped_column(Text, comment="The policy file as it was")
    first_used_at: Mapped[datetime] = mapped_column(comment="When it was first in force")


class LabelledDecision(Table, kw_only=True):
    """What a person said of a comment, to learn from and to measure by."""

    __tablename__ = "labelled_decisions"
    __table_args__ = (Index(None, "body_until"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    comment_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id"), default=None, index=True, comment="The comment, where it is stored here"
    )
    revision: Mapped[int | None] = mapped_column(
        default=None, comment="The revision of the body that was read"
    )
    who: Mapped[str] = mapped_column(comment="Id of the person who judged")
    verdict: Mapped[str] = mapped_column(comment="publish, hold or reject")
    clause: Mapped[str | None] = mapped_column(default=None, comment="The clause named")
    source: Mapped[str] = mapped_column(default="moderator", comment="moderator, appeal, feedback or import")
    scores: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="What feedback said: label to share, 0 to 1"
    )
    body: Mapped[str] = mapped_column(
        Text,
        default="",
        comment="The text judged where no comment is stored here; empty after erasure or its time",
    )
    body_until: Mapped[datetime | None] = mapped_column(
        default=None, comment="When the text is to be emptied"
    )
    at: Mapped[datetime] = mapped_column(comment="When it was made")


class Strike(Table, kw_only=True):
    """Points against an author for one comment."""

    __tablename__ = "strikes"
    __table_args__ = (Index(None, "author_id", "expires_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id"), comment="Against whom")
    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id"), index=True, comment="For which comment"
    )
    clause: Mapped[str] = mapped_column(comment="For breaking which clause")
    points: Mapped[int] = mapped_column(comment="How much it weighs")
    given_by: Mapped[str] = mapped_column(comment="engine, or a moderator's id")
    given_at: Mapped[datetime] = mapped_column(comment="When it was given")
    expires_at: Mapped[datetime] = mapped_column(comment="When it stops counting")
    overruled_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was taken back")
    overruled_by: Mapped[str | None] = mapped_column(default=None, comment="Who took it back")


class Block(Table, kw_only=True):
    """An entry of the block list: a warning, premoderation or a block, with its evidence and its end."""

    __tablename__ = "blocks"
    __table_args__ = (
        Index(None, "site_id", "subject_kind", "subject"),
        Index(None, "ends_at"),
        Index(None, "given_with"),
        _one_of("subject_kind", "author", "email_domain", "network"),
        _one_of("penalty", "warn", "premoderate", "block"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site it holds on")
    subject_kind: Mapped[str] = mapped_column(comment="author, email_domain or network")
    subject: Mapped[str] = mapped_column(
        comment="The author's id, the domain in lower case, or the keyed hash of a network address"
    )
    penalty: Mapped[str] = mapped_column(comment="warn, premoderate or block")
    clause: Mapped[str | None] = mapped_column(default=None, comment="The clause that was broken")
    strike_ids: Mapped[list[str]] = mapped_column(
        default_factory=list, comment="Evidence: the strikes it rests on"
    )
    comment_ids: Mapped[list[str]] = mapped_column(
        default_factory=list, comment="Evidence: the comments it rests on"
    )
    given_by: Mapped[str] = mapped_column(comment="ladder, or a moderator's id")
    starts_at: Mapped[datetime] = mapped_column(comment="When it begins")
    ends_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When it ends; empty: until lifted"
    )
    expired_at: Mapped[datetime | None] = mapped_column(default=None, comment="When its end was recorded")
    lifted_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was lifted")
    lifted_by: Mapped[str | None] = mapped_column(default=None, comment="Who lifted it")
    note: Mapped[str] = mapped_column(Text, default="", comment="The moderator's note; empty after erasure")
    network_key_id: Mapped[str | None] = mapped_column(
        ForeignKey("network_keys.id"), default=None, comment="The key with which a network was hashed"
    )
    given_with: Mapped[str | None] = mapped_column(
        default=None, comment="The author's block that this one accompanies; lifted with it"
    )
    erased_key: Mapped[str | None] = mapped_column(
        default=None,
        index=True,
        comment="Keyed hash by which an author who erased himself is known; empty when it is over",
    )

    def is_over(self, now: datetime) -> bool:
        """Return whether this entry was lifted or its end has come."""
        return self.lifted_at is not None or (self.ends_at is not None and self.ends_at <= now)

    @classmethod
    def not_over(cls, now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions of entries that hold now or will."""
        return cls.lifted_at.is_(None), cls.ends_at.is_(None) | (cls.ends_at > now)

    @classmethod
    def in_force(cls, now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions of entries that hold now."""
        return *cls.not_over(now), cls.starts_at <= now


class NetworkKey(Table, kw_only=True):
    """A key with which a site's network addresses are hashed; without its secret the hashes mean nothing."""

    __tablename__ = "network_keys"
    __table_args__ = (Index(None, "site_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site it is used for")
    secret: Mapped[bytes] = mapped_column(comment="Random bytes; empty once the key is destroyed")
    created_at: Mapped[datetime] = mapped_column(comment="When it was made")
    destroyed_at: Mapped[datetime | None] = mapped_column(default=None, comment="When its secret was deleted")


class NetworkSeen(Table, kw_only=True):
    """From which network a comment came, as a keyed hash, for a limited time."""

    __tablename__ = "networks_seen"
    __table_args__ = (Index(None, "key_id", "hash"), Index(None, "author_id"), Index(None, "seen_at"))

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id"), primary_key=True, comment="The comment"
    )
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id"), comment="Who wrote it")
    key_id: Mapped[str] = mapped_column(ForeignKey("network_keys.id"), comment="The key it was hashed with")
    hash: Mapped[str] = mapped_column(comment="HMAC-SHA256 of an IPv4 address or of the /64 of an IPv6 one")
    seen_at: Mapped[datetime] = mapped_column(comment="When the comment arrived")


class Appeal(Table, kw_only=True):
    """A reader's answer to a decision or a block, and the moderator's answer to that."""

    __tablename__ = "appeals"
    __table_args__ = (
        UniqueConstraint("decision_id"),
        UniqueConstraint("block_id"),
        Index(None, "state", "made_at", "id"),
        Index(None, "comment_id"),
        Index(None, "author_id"),
        _one_of("state", "open", "granted", "refused", "withdrawn"),
        CheckConstraint("(decision_id IS NULL) <> (block_id IS NULL)", name="about_one_thing"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site it was made on")
    author_id: Mapped[str | None] = mapped_column(
        ForeignKey("authors.id"),
        default=None,
        comment="Who appeals; empty for a block on a domain or network",
    )
    decision_id: Mapped[str | None] = mapped_column(
        ForeignKey("decisions.id"), default=None, comment="The decision appealed"
    )
    comment_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id"), default=None, comment="The comment that was decided on"
    )
    block_id: Mapped[str | None] = mapped_column(
        ForeignKey("blocks.id"), default=None, comment="The block appealed"
    )
    text: Mapped[str] = mapped_column(Text, comment="What the reader says; empty after erasure")
    language: Mapped[str] = mapped_column(default="en", comment="Language in which the reader is answered")
    state: Mapped[str] = mapped_column(default="open", comment="open, granted, refused or withdrawn")
    version: Mapped[int] = mapped_column(default=1, comment="Rises with each change (optimistic lock)")
    made_at: Mapped[datetime] = mapped_column(comment="When it was made")
    settled_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When it was answered or withdrawn"
    )
    settled_by: Mapped[str | None] = mapped_column(default=None, comment="A moderator's id, or reader")
    answer: Mapped[str] = mapped_column(
        Text, default="", comment="The moderator's sentence; empty after erasure"
    )


class Report(Table, kw_only=True):
    """What one reader says is wrong with a published comment."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("comment_id", "revision", "reporter"),
        Index(None, "reporter", "state"),
        _one_of("state", "open", "upheld", "dismissed"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site of the comment")
    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.id"), comment="The comment reported")
    revision: Mapped[int] = mapped_column(comment="The revision of the body that was read")
    reporter: Mapped[str] = mapped_column(comment="author:<id>, or browser:<random id of a signed cookie>")
    network: Mapped[str] = mapped_column(
        default="", comment="Keyed hash of the network, under a key that changes daily"
    )
    trusted: Mapped[bool] = mapped_column(default=False, comment="Whether a trusted or staff author reports")
    counts: Mapped[bool] = mapped_column(
        default=True, comment="Whether it counts: not where most of the reporter's reports were dismissed"
    )
    clause: Mapped[str] = mapped_column(comment="The clause named")
    sentence: Mapped[str] = mapped_column(
        Text, default="", comment="What the reader adds; empty after erasure"
    )
    state: Mapped[str] = mapped_column(default="open", comment="open, upheld or dismissed")
    at: Mapped[datetime] = mapped_column(comment="When it was made")


class ReportedComment(Table, kw_only=True):
    """A comment that enough reports have brought to the queue, until a moderator has looked at it."""

    __tablename__ = "reported_comments"
    __table_args__ = (Index(None, "settled_at", "since", "comment_id"),)

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id"), primary_key=True, comment="The comment"
    )
    revision: Mapped[int] = mapped_column(comment="The revision that was reported")
    since: Mapped[datetime] = mapped_column(comment="Since when it is in the queue")
    settled_at: Mapped[datetime | None] = mapped_column(default=None, comment="When a moderator had looked")


class AuditEvent(Table, kw_only=True):
    """One thing that was done; appended only, each row sealed by the hash of the one before."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "subject", "seq"),
        Index(None, "actor", "seq"),
        Index(None, "action", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
        init=False,
        comment="Position in the log",
    )
    id: Mapped[str] = mapped_column(unique=True, default_factory=new_id, comment="Opaque id")
    at: Mapped[datetime] = mapped_column(comment="When it was done")
    actor: Mapped[str] = mapped_column(comment="Who did it: a moderator's id, engine, ladder, api key ...")
    action: Mapped[str] = mapped_column(comment="What was done")
    subject: Mapped[str] = mapped_column(comment="To what, as kind:id")
    before: Mapped[str] = mapped_column(default="", comment="Salted digest of the earlier state, or empty")
    after: Mapped[str] = mapped_column(default="", comment="Salted digest of the later state, or empty")
    detail: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="Ids, codes and numbers only"
    )
    request_id: Mapped[str] = mapped_column(default="", comment="The request it was done in")
    chain: Mapped[str] = mapped_column(default="", comment="SHA-256 of the chain before and of this event")


class Delivery(Table, kw_only=True):
    """An event on its way to an endpoint; the id is the webhook-id and stays over all attempts."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(None, "next_attempt_at"),
        Index(None, "endpoint_id", "comment_id", "id"),
        Index(None, "comment_id"),
    )

    id: Mapped[str] = mapped_column(
        primary_key=True, default_factory=new_id, comment="Opaque id, sent as webhook-id"
    )
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site that is told")
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("endpoints.id"), comment="Where it is sent")
    event: Mapped[str] = mapped_column(comment="Name of the event")
    comment_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id"), default=None, comment="The comment it tells of"
    )
    payload: Mapped[str] = mapped_column(Text, comment="The JSON that is sent; empty after erasure")
    created_at: Mapped[datetime] = mapped_column(comment="When the event happened")
    attempts: Mapped[int] = mapped_column(default=0, comment="How often sending was begun")
    next_attempt_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When it is due; empty once it is delivered or given up"
    )
    leased_until: Mapped[datetime | None] = mapped_column(
        default=None, comment="Until when a sender has it in hand"
    )
    delivered_at: Mapped[datetime | None] = mapped_column(default=None, comment="When the endpoint took it")
    given_up_at: Mapped[datetime | None] = mapped_column(default=None, comment="When sending was given up")
    last_error: Mapped[str] = mapped_column(default="", comment="What went wrong last")
    last_status: Mapped[int | None] = mapped_column(default=None, comment="The last HTTP status")


class AkismetCall(Table, kw_only=True):
    """A comment that a client of the Akismet API asked about, or a judgement that it sent."""

    __tablename__ = "akismet_calls"
    __table_args__ = (
        UniqueConstraint("site_id", "kind", "digest"),
        Index(None, "site_id", "at"),
        Index(None, "digest"),
        _one_of("kind", "check", "spam", "ham"),
    )

    id: Mapped[str] = mapped_column(
        primary_key=True,
        default_factory=new_id,
        comment="The guid; the external id of the comment asked about",
    )
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site whose key was sent")
    kind: Mapped[str] = mapped_column(comment="check, or the judgement: spam or ham")
    digest: Mapped[str | None] = mapped_column(
        default=None,
        comment="Keyed hash of what was sent, to know it again; empty after erasure or a later one",
    )
    spam: Mapped[bool] = mapped_column(default=False, comment="Whether the answer was spam")
    endpoint_id: Mapped[str | None] = mapped_column(
        ForeignKey("endpoints.id"), default=None, comment="Where a later verdict is wanted"
    )
    post_id: Mapped[str] = mapped_column(default="", comment="The client's number of the page")
    at: Mapped[datetime] = mapped_column(comment="When it came")


class KeptAnswer(Table, kw_only=True):
    """What a call with an Idempotency-Key was answered, so that the call sent again is done once."""

    __tablename__ = "kept_answers"

    site_id: Mapped[str] = mapped_column(
        ForeignKey("sites.id"), primary_key=True, comment="The site whose key was sent"
    )
    name: Mapped[str] = mapped_column(primary_key=True, comment="The Idempotency-Key")
    digest: Mapped[str] = mapped_column(comment="Keyed hash of method, path and body")
    at: Mapped[datetime] = mapped_column(index=True, comment="When the call came")
    status: Mapped[int] = mapped_column(default=0, comment="The status answered; 0 while the call is running")
    body: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True),
        default=None,
        comment="The answer; empty while it is running, and after an erasure",
    )


class ReceivedHook(Table, kw_only=True):
    """A webhook that arrived, remembered so that a repetition changes nothing."""

    __tablename__ = "received_hooks"

    site_id: Mapped[str] = mapped_column(
        ForeignKey("sites.id"), primary_key=True, comment="The site it came from"
    )
    protocol: Mapped[str] = mapped_column(primary_key=True, comment="The protocol it spoke")
    message_id: Mapped[str] = mapped_column(primary_key=True, comment="The sender's id of the message")
    body_digest: Mapped[str] = mapped_column(comment="SHA-256 of the bytes that arrived")
    received_at: Mapped[datetime] = mapped_column(index=True, comment="When it first arrived")
    outcome: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="The answer that was given: ids, codes and numbers only"
    )


class Moderator(Table, kw_only=True):
    """A person who may sign in to the desk."""

    __tablename__ = "moderators"
    __table_args__ = (_one_of("role", "administrator", "senior", "moderator", "viewer"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    email: Mapped[str] = mapped_column(unique=True, comment="E-mail address in lower case")
    name: Mapped[str] = mapped_column(comment="Name shown to colleagues")
    password_hash: Mapped[str | None] = mapped_column(
        default=None, comment="argon2id; empty: cannot sign in yet"
    )
    role: Mapped[str] = mapped_column(comment="administrator, senior, moderator or viewer")
    session_epoch: Mapped[int] = mapped_column(default=0, comment="Sessions of an earlier epoch have ended")
    second_factor_secret: Mapped[str | None] = mapped_column(
        default=None, comment="Secret of the second factor, encrypted under a key of the service's own secret"
    )
    second_factor_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When the second factor was turned on; empty: off, or not confirmed yet"
    )
    second_factor_step: Mapped[int] = mapped_column(
        BigInteger, default=0, comment="Time step of the last code that was used; none up to it works again"
    )
    created_at: Mapped[datetime] = mapped_column(comment="When the account was made")
    deactivated_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When the account was closed"
    )
    last_signed_in_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="Last successful sign-in"
    )
    seen_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When the account was last heard of at the desk, exact to half a minute"
    )
    failed_sign_ins: Mapped[int] = mapped_column(default=0, comment="Failures since the last success")
    next_sign_in_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="No attempt is heard before this"
    )


class DeskSession(Table, kw_only=True):
    """A moderator's browser that is signed in, or was. From where is not kept."""

    __tablename__ = "desk_sessions"
    __table_args__ = (Index(None, "moderator_id"), Index(None, "began_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id, by time")
    digest: Mapped[str] = mapped_column(
        unique=True, comment="SHA-256 of the token in the cookie; the token itself is not kept"
    )
    moderator_id: Mapped[str] = mapped_column(ForeignKey("moderators.id"), comment="Who is signed in")
    epoch: Mapped[int] = mapped_column(
        comment="The account's session_epoch when it began; over once that goes on"
    )
    browser: Mapped[str] = mapped_column(comment="Family of browser and system, such as Firefox on Linux")
    began_at: Mapped[datetime] = mapped_column(comment="When it began")
    seen_at: Mapped[datetime] = mapped_column(comment="When it was last used, exact to a minute")
    ended_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was signed out")


class RecoveryCode(Table, kw_only=True):
    """A code that stands in once for the second factor of an account."""

    __tablename__ = "recovery_codes"

    moderator_id: Mapped[str] = mapped_column(
        ForeignKey("moderators.id"), primary_key=True, comment="Whose account"
    )
    digest: Mapped[str] = mapped_column(
        primary_key=True, comment="Keyed hash of the code; the code itself is not kept"
    )
    used_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was used")


class Step(Table, kw_only=True):
    """What a moderator did to a comment, an author or a block, with what followed from it: enough to undo it."""

    __tablename__ = "steps"
    __table_args__ = (
        Index(None, "by", "id"),
        Index(None, "comment_id", "id"),
        Index(None, "batch_id", "id"),
        _one_of(
            "kind", "review", "block", "lift", "let-stand", "import", "appeal", "note", "pin", "discussion"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id, by time")
    kind: Mapped[str] = mapped_column(
        comment="review, block, lift, let-stand, import, appeal, note, pin or discussion"
    )
    action: Mapped[str] = mapped_column(
        comment="What of this kind: approve, refuse, unpin ...; else the kind again"
    )
    by: Mapped[str] = mapped_column(comment="The moderator's id")
    at: Mapped[datetime] = mapped_column(comment="When it was done")
    comment_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id"), default=None, comment="The comment it was done to"
    )
    block_id: Mapped[str | None] = mapped_column(
        ForeignKey("blocks.id"), default=None, comment="The block it gave or lifted"
    )
    state_before: Mapped[str] = mapped_column(default="", comment="The comment's state before it")
    decision_before: Mapped[str | None] = mapped_column(default=None, comment="The decision in force before")
    effects: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="Ids of what followed from it, by kind"
    )
    subject: Mapped[str] = mapped_column(
        default="",
        comment="What else it was done to, as the audit log names it: article:<id>, author:<id> ...",
    )
    batch_id: Mapped[str | None] = mapped_column(default=None, comment="The bulk action it was part of")
    undone_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was undone")
    undone_by: Mapped[str | None] = mapped_column(default=None, comment="Who undid it")


class Batch(Table, kw_only=True):
    """One action on many comments, carried out in the background and undone as one."""

    __tablename__ = "batches"
    __table_args__ = (
        Index(None, "state", "id"),
        _one_of("state", "previewed", "waiting", "stopped", "done", "undoing", "undone"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id, by time")
    by: Mapped[str] = mapped_column(comment="The moderator's id")
    action: Mapped[str] = mapped_column(comment="approve, reject, remove or restore")
    clause: Mapped[str | None] = mapped_column(default=None, comment="The clause that was broken")
    filters: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="The filter of the queue that chose the comments; empty: ticked ones"
    )
    total: Mapped[int] = mapped_column(default=0, comment="How many comments it is about")
    done: Mapped[int] = mapped_column(default=0, comment="How many of them were gone through")
    refused: Mapped[int] = mapped_column(
        default=0, comment="How many of these were left as they are: decided or claimed by somebody else"
    )
    undone: Mapped[int] = mapped_column(default=0, comment="How many of the decisions were taken back")
    place: Mapped[str] = mapped_column(
        default="", comment="Id of the step at which the undoing is; empty: at the last"
    )
    state: Mapped[str] = mapped_column(
        default="waiting", comment="previewed, waiting, stopped, done, undoing or undone"
    )
    at: Mapped[datetime] = mapped_column(comment="When it was previewed or confirmed")
    undone_by: Mapped[str | None] = mapped_column(default=None, comment="Who undid it")
    leased_until: Mapped[datetime | None] = mapped_column(
        default=None, comment="Until when a worker has it in hand"
    )


class BatchItem(Table, kw_only=True):
    """A comment of a bulk action, in the version that was previewed."""

    __tablename__ = "batch_items"

    batch_id: Mapped[str] = mapped_column(
        ForeignKey("batches.id"), primary_key=True, comment="The bulk action"
    )
    number: Mapped[int] = mapped_column(primary_key=True, comment="Its place, from 0")
    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.id"), comment="The comment")
    version: Mapped[int] = mapped_column(comment="Its version when it was previewed")


class AuthorNote(Table, kw_only=True):
    """What a moderator notes of an author, for colleagues; deleted with the author's erasure."""

    __tablename__ = "author_notes"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id, by time")
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id"), index=True, comment="Of whom")
    comment_id: Mapped[str | None] = mapped_column(
        ForeignKey("comments.id"), default=None, comment="The comment that gave rise to it"
    )
    note: Mapped[str] = mapped_column(Text, comment="What colleagues should know")
    by: Mapped[str] = mapped_column(comment="The moderator's id")
    at: Mapped[datetime] = mapped_column(comment="When it was written")


class Claim(Table, kw_only=True):
    """A comment that one moderator has in hand, until the lease is over."""

    __tablename__ = "claims"
    __table_args__ = (Index(None, "until"),)

    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id"), primary_key=True, comment="The comment"
    )
    moderator_id: Mapped[str] = mapped_column(ForeignKey("moderators.id"), comment="Who has it in hand")
    until: Mapped[datetime] = mapped_column(comment="When the lease is over")


class OneTimeLink(Table, kw_only=True):
    """An invitation or a password reset that works once."""

    __tablename__ = "one_time_links"
    __table_args__ = (
        _one_of("purpose", "invite", "reset"),
        _one_of("role", "administrator", "senior", "moderator", "viewer"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    digest: Mapped[str] = mapped_column(
        unique=True, comment="SHA-256 of the token; the token itself is not kept"
    )
    purpose: Mapped[str] = mapped_column(comment="invite or reset")
    moderator_id: Mapped[str | None] = mapped_column(
        ForeignKey("moderators.id"), default=None, index=True, comment="Whose password it resets"
    )
    email: Mapped[str] = mapped_column(comment="E-mail address in lower case")
    role: Mapped[str] = mapped_column(comment="The role the account gets or has")
    created_by: Mapped[str] = mapped_column(comment="Who made it: a moderator's id, or cli")
    created_at: Mapped[datetime] = mapped_column(comment="When it was made")
    expires_at: Mapped[datetime] = mapped_column(comment="When it stops working")
    used_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was used or revoked")


class SpentToken(Table, kw_only=True):
    """A token that works once and was used, remembered for as long as it would else work."""

    __tablename__ = "spent_tokens"
    __table_args__ = (Index(None, "expires_at"),)

    scope: Mapped[str] = mapped_column(primary_key=True, comment="link, or sign-on: and the site's id")
    digest: Mapped[str] = mapped_column(primary_key=True, comment="SHA-256 of the token's own id")
    expires_at: Mapped[datetime] = mapped_column(comment="When it would have stopped working")


class ReplyWatch(Table, kw_only=True):
    """An author who wishes to be told by mail of replies in one discussion."""

    __tablename__ = "reply_watches"
    __table_args__ = (UniqueConstraint("author_id", "article_id"), Index(None, "due_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id"), comment="Who wishes to be told")
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id"), comment="In which discussion")
    language: Mapped[str] = mapped_column(default="en", comment="Language of the mails")
    created_at: Mapped[datetime] = mapped_column(comment="When it was wished")
    ended_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was wished no more")
    told_until: Mapped[datetime] = mapped_column(comment="Replies that showed up to here were told of")
    mailed_at: Mapped[datetime | None] = mapped_column(default=None, comment="When the last mail was written")
    due_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When the next is due; empty while there is nothing to tell"
    )


class Mail(Table, kw_only=True):
    """A message to a reader on its way; address and text go once it is sent."""

    __tablename__ = "mails"
    __table_args__ = (
        Index(None, "next_attempt_at"),
        Index(None, "author_id"),
        Index(None, "address_key", "created_at"),
        Index(None, "network_key", "created_at"),
        Index(None, "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site in whose name it is sent")
    author_id: Mapped[str | None] = mapped_column(
        ForeignKey("authors.id"), default=None, comment="The author it goes to"
    )
    kind: Mapped[str] = mapped_column(comment="What it tells: address.confirm, comments.link, replies ...")
    to: Mapped[str] = mapped_column(comment="E-mail address; empty once sent or given up")
    subject: Mapped[str] = mapped_column(comment="Subject; empty once sent or given up")
    text: Mapped[str] = mapped_column(Text, comment="Text; empty once sent or given up")
    headers: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="Headers besides the usual ones; empty once sent or given up"
    )
    address_key: Mapped[str] = mapped_column(
        default="", comment="Keyed hash of the address, to count what it is sent"
    )
    network_key: Mapped[str] = mapped_column(
        default="", comment="Keyed hash of the network that asked, under a key that changes daily"
    )
    created_at: Mapped[datetime] = mapped_column(comment="When it was written")
    attempts: Mapped[int] = mapped_column(default=0, comment="How often sending was begun")
    next_attempt_at: Mapped[datetime | None] = mapped_column(
        default=None, comment="When it is due; empty once sent or given up"
    )
    sent_at: Mapped[datetime | None] = mapped_column(default=None, comment="When the mail server took it")
    last_error: Mapped[str] = mapped_column(default="", comment="What went wrong last")


class RewordingCount(Table, kw_only=True):
    """How often something happened on a day around the check before posting; no text, nobody's id."""

    __tablename__ = "rewording_counts"
    __table_args__ = (
        _one_of(
            "what",
            "warned",
            "reworded-published",
            "reworded-held",
            "reworded-rejected",
            "unchanged-published",
            "unchanged-held",
            "unchanged-rejected",
        ),
    )

    site_id: Mapped[str] = mapped_column(
        ForeignKey("sites.id"), primary_key=True, comment="The site commented on"
    )
    day: Mapped[str] = mapped_column(primary_key=True, comment="The day in UTC, as YYYY-MM-DD")
    what: Mapped[str] = mapped_column(
        primary_key=True, comment="warned, or how the text was sent and what became of it"
    )
    number: Mapped[int] = mapped_column(comment="How often on that day")


class PolicyDraft(Table, kw_only=True):
    """The policy that is being worked on; there is one."""

    __tablename__ = "policy_drafts"

    id: Mapped[str] = mapped_column(primary_key=True, comment="Always draft")
    text: Mapped[str] = mapped_column(Text, comment="The policy file as it may become")
    based_on: Mapped[str] = mapped_column(comment="Version of the policy it began with")
    saved_by: Mapped[str] = mapped_column(comment="A moderator's id")
    saved_at: Mapped[datetime] = mapped_column(comment="When it was last saved")


class PolicyPublication(Table, kw_only=True):
    """That a policy came into force; the last one is in force."""

    __tablename__ = "policy_publications"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    number: Mapped[int] = mapped_column(comment="Counts the publications from 1; of two at once one fails")
    version: Mapped[str] = mapped_column(ForeignKey("policies.version"), comment="The policy")
    published_by: Mapped[str] = mapped_column(comment="A moderator's id, cli or brake")
    reason: Mapped[str] = mapped_column(Text, comment="Why, in the words of who published it")
    at: Mapped[datetime] = mapped_column(comment="When")


class Replay(Table, kw_only=True):
    """A draft decided over stored comments, part by part; what is done is kept with where to go on."""

    __tablename__ = "replays"
    __table_args__ = (Index(None, "state", "leased_until"), _one_of("state", "running", "done", "failed"))

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    live: Mapped[str] = mapped_column(Text, comment="The policy file it is compared with")
    draft: Mapped[str] = mapped_column(Text, comment="The policy file that is tried")
    live_version: Mapped[str] = mapped_column(comment="Version of the policy compared with")
    draft_version: Mapped[str] = mapped_column(comment="Version of the policy tried")
    first: Mapped[str] = mapped_column(comment="Place before the first comment; empty: from the beginning")
    last: Mapped[str] = mapped_column(comment="Place of the last comment")
    place: Mapped[str] = mapped_column(comment="Place up to which comments were given out to be decided")
    total: Mapped[int] = mapped_column(comment="How many comments there are to decide")
    done: Mapped[int] = mapped_column(default=0, comment="How many are done")
    result: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, comment="What was found so far")
    state: Mapped[str] = mapped_column(default="running", comment="running, done or failed")
    leased_until: Mapped[datetime | None] = mapped_column(
        default=None, comment="Until when a process has it in hand"
    )
    second_stage: Mapped[bool] = mapped_column(
        default=False, comment="Whether the second model decides too, which is slow"
    )
    attempts: Mapped[int] = mapped_column(default=0, comment="How often it failed and was begun again")
    failed_because: Mapped[str] = mapped_column(
        default="", comment="Why it failed last: policy, database, process or the kind of error"
    )
    started_by: Mapped[str] = mapped_column(comment="A moderator's id, or cli")
    started_at: Mapped[datetime] = mapped_column(comment="When it was asked for")
    finished_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was finished")


class Range(Table, kw_only=True):
    """Comments of a replay or of an import that one process has in hand; gone once what was found on them is counted."""

    __tablename__ = "ranges"
    __table_args__ = (Index(None, "job", "leased_until"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id, by time")
    job: Mapped[str] = mapped_column(comment="replay:<id> or import:<id>")
    after: Mapped[str] = mapped_column(comment="Place before the first comment")
    until: Mapped[str] = mapped_column(comment="Place of the last comment")
    comments: Mapped[int] = mapped_column(comment="How many comments there are")
    leased_until: Mapped[datetime] = mapped_column(comment="Until when a process has them in hand")


class SecondLook(Table, kw_only=True):
    """A decision that another moderator judges without knowing it."""

    __tablename__ = "second_looks"
    __table_args__ = (UniqueConstraint("decision_id"), Index(None, "looked_at", "id"))

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    decision_id: Mapped[str] = mapped_column(
        ForeignKey("decisions.id"), comment="The decision looked at again"
    )
    comment_id: Mapped[str] = mapped_column(
        ForeignKey("comments.id"), index=True, comment="The comment that was decided on"
    )
    chosen_at: Mapped[datetime] = mapped_column(comment="When it was chosen")
    who: Mapped[str | None] = mapped_column(default=None, comment="Id of the moderator who looked")
    verdict: Mapped[str | None] = mapped_column(default=None, comment="publish or reject, as he sees it")
    clause: Mapped[str | None] = mapped_column(default=None, comment="The clause he names")
    looked_at: Mapped[datetime | None] = mapped_column(default=None, comment="When he looked")


class Alert(Table, kw_only=True):
    """Something editors are told of: at once, and in the digest."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index(None, "at", "id"),
        _one_of("kind", "threat-held", "queue-old", "rule-braked", "delivery-given-up", "digest"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id")
    kind: Mapped[str] = mapped_column(comment="What happened")
    subject: Mapped[str] = mapped_column(comment="To what: kind:id, or a day; told once of each")
    at: Mapped[datetime] = mapped_column(comment="When it was noticed")
    mails: Mapped[int] = mapped_column(default=0, comment="To how many editors it was mailed")


class Import(Table, kw_only=True):
    """An archive of comments that is read in, part by part; what is done is kept with where to go on."""

    __tablename__ = "imports"
    __table_args__ = (
        Index(None, "site_id", "started_at"),
        _one_of("state", "running", "done", "broken"),
        _one_of("format", "wxr", "disqus", "isso", "jsonl"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id, comment="Opaque id, by time")
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), comment="The site it is read into")
    source: Mapped[str] = mapped_column(comment="Name of the archive; within one, ids mean one comment")
    format: Mapped[str] = mapped_column(comment="wxr, disqus, isso or jsonl")
    name: Mapped[str] = mapped_column(comment="Name of the file")
    digest: Mapped[str] = mapped_column(comment="SHA-256 of the file, by which it is known again")
    size: Mapped[int] = mapped_column(BigInteger(), comment="Bytes of the file")
    read: Mapped[int] = mapped_column(BigInteger(), default=0, comment="Bytes read of them")
    done: Mapped[int] = mapped_column(default=0, comment="Records gone through")
    state: Mapped[str] = mapped_column(default="running", comment="running, done or broken")
    broke: Mapped[str] = mapped_column(default="", comment="Where the file broke, and how")
    report: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="What was imported and what was not, in numbers"
    )
    decided: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict, comment="What the engine said of its comments so far, and where to go on"
    )
    started_by: Mapped[str] = mapped_column(comment="A moderator's id, or cli")
    started_at: Mapped[datetime] = mapped_column(comment="When it was begun")
    finished_at: Mapped[datetime | None] = mapped_column(default=None, comment="When it was finished")


class ImportedComment(Table, kw_only=True):
    """Which comment a record of an archive became; it stays, so that an archive read twice adds nothing."""

    __tablename__ = "imported_comments"
    __table_args__ = (
        UniqueConstraint("comment_id"),
        Index(None, "import_id", "comment_id"),
        Index(
            "ix_imported_comments_unlinked",
            "site_id",
            "source",
            "comment_id",
            sqlite_where=text("parent IS NOT NULL"),
            postgresql_where=text("parent IS NOT NULL"),
        ),
    )

    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), primary_key=True, comment="The site")
    source: Mapped[str] = mapped_column(primary_key=True, comment="Name of the archive")
    foreign_id: Mapped[str] = mapped_column(primary_key=True, comment="The comment's id there")
    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.id"), comment="The comment here")
    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"), comment="The import that brought it")
    parent: Mapped[str | None] = mapped_column(
        default=None, comment="Id there of the comment it answers, until that one is here"
    )
    undated: Mapped[bool] = mapped_column(default=False, comment="Whether the archive gave no date")
    digest: Mapped[str] = mapped_column(
        default="", comment="Keyed hash of page, date and text, to tell archives apart; empty after erasure"
    )


class ImportedAuthor(Table, kw_only=True):
    """Which author an archive means by an id of its own; deleted with the author's erasure."""

    __tablename__ = "imported_authors"

    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"), primary_key=True, comment="The site")
    source: Mapped[str] = mapped_column(primary_key=True, comment="Name of the archive")
    foreign_id: Mapped[str] = mapped_column(primary_key=True, comment="The author's id there")
    author_id: Mapped[str] = mapped_column(ForeignKey("authors.id"), index=True, comment="The author here")


class SkippedRecord(Table, kw_only=True):
    """A record of an archive that became no comment, and why; none of its words are kept."""

    __tablename__ = "skipped_records"

    import_id: Mapped[str] = mapped_column(
        ForeignKey("imports.id"), primary_key=True, comment="The import it was left out of"
    )
    number: Mapped[int] = mapped_column(primary_key=True, comment="Counts the records of the file from 0")
    place: Mapped[str] = mapped_column(comment="Where it stands in the file")
    foreign_id: Mapped[str] = mapped_column(comment="Its id there; may be empty")
    reason: Mapped[str] = mapped_column(comment="Why it was left out, as a code")
