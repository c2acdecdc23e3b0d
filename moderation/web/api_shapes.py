"""The shapes of the JSON API: what it takes (nothing unknown passes) and what it answers."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

# No control characters: they have no place in a line, and PostgreSQL cannot store NUL.
LINE = r"^[^\x00-\x1f\x7f]*$"
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]
Line = Annotated[str, StringConstraints(max_length=500, pattern=LINE)]
Language = Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


NetworkAddress = Annotated[
    str,
    StringConstraints(min_length=2, max_length=45, pattern=r"^[0-9A-Fa-f:.]+$"),
    Field(json_schema_extra={"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
]
# One line that people read: no control characters, nothing that turns the direction of writing, no markup.
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f<>\u202d\u202e\ufffd]*$"),
]
Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=320, pattern=LINE),
    Field(json_schema_extra={"format": "email"}),
]
Text = Annotated[str, StringConstraints(min_length=1)]


def _whole(value: Any) -> Any:
    """Return 30.0 as 30: JSON Schema calls both an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Days = Annotated[int, Field(ge=1, le=3650), BeforeValidator(_whole)]


def one_of(*names: str) -> dict[str, Any]:
    """Return what JSON Schema says where exactly one of these fields is given."""
    return {"oneOf": [_given(name) for name in names]}


def _given(name: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": "string"}}}


class Taken(BaseModel):
    """What comes in: exact types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ArticleRef(Taken):
    """Which article: by the site's own id, by its name in the address, or by our id. Exactly one."""

    model_config = ConfigDict(json_schema_extra=one_of("external_id", "slug", "id"))

    external_id: Id | None = None
    slug: Id | None = None
    id: Id | None = None

    @model_validator(mode="after")
    def name_one(self) -> Self:
        """Refuse none and more than one."""
        if sum(value is not None for value in (self.external_id, self.slug, self.id)) != 1:
            raise ValueError("Not one article. Give exactly one of external_id, slug and id")
        return self


class BatchedAuthor(Taken):
    """Who wrote it; an external_id or an e-mail address lets strikes follow the author."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    external_id: Id | None = None
    email: Annotated[str, StringConstraints(min_length=3, max_length=320, pattern=LINE)] | None = None
    address: Annotated[str, StringConstraints(min_length=2, max_length=45)] | None = Field(
        default=None,
        description="The reader's network address, for blocks on networks; hashed with a key and not kept.",
    )


class AuthorIn(BatchedAuthor):
    """Who wrote it; an external_id or an e-mail address lets strikes follow the author."""

    name: Name
    email: Email | None = None
    address: NetworkAddress | None = Field(
        default=None,
        description="The reader's network address, for blocks on networks; hashed with a key and not kept.",
    )


class BatchedComment(Taken):
    """A comment among others: what is wrong with its words or its author refuses it alone."""

    article: ArticleRef
    body: str = Field(description="The text as typed, at most as long as the policy says: 10,000 characters.")
    author: BatchedAuthor
    parent_id: Id | None = None
    parent_external_id: Id | None = None
    language: Language | None = None
    external_id: Id | None = Field(
        default=None,
        description=(
            "Your id of the comment. Sent again with the same content, it gets the same answer; "
            "with other content 409."
        ),
    )


class CommentIn(BatchedComment):
    """A comment to decide on and to keep."""

    model_config = ConfigDict(
        json_schema_extra={"not": {"allOf": [_given("parent_id"), _given("parent_external_id")]}}
    )

    body: Text = Field(
        description="The text as typed, at most as long as the policy says: 10,000 characters."
    )
    author: AuthorIn


class BatchIn(Taken):
    """Comments to decide on and to keep, each by itself."""

    comments: Annotated[list[BatchedComment], Field(min_length=1, max_length=50)]


class CheckIn(Taken):
    """A comment to decide on without keeping it."""

    body: Text
    article: ArticleRef | None = None
    author: AuthorIn | None = None
    parent_id: Id | None = None
    language: Language | None = None


# Only a block on an author covers more.
_COVERS: dict[str, Any] = {"required": ["covers"], "properties": {"covers": {"minItems": 1}}}


class BlockIn(Taken):
    """Whom to block: an author, an e-mail domain or a network address; days left out or null: until lifted."""

    model_config = ConfigDict(
        json_schema_extra={
            **one_of("author_id", "author_external_id", "email_domain", "address"),
            "not": {"allOf": [{"anyOf": [_given("email_domain"), _given("address")]}, _COVERS]},
        }
    )

    author_id: Id | None = None
    author_external_id: Id | None = None
    email_domain: Annotated[str, StringConstraints(min_length=3, max_length=253, pattern=LINE)] | None = None
    address: NetworkAddress | None = Field(
        default=None, description="An IPv4 address, or an IPv6 one for its /64; only a keyed hash is kept."
    )
    clause: Id | None = None
    days: Days | None = None
    note: Annotated[str, StringConstraints(max_length=2000)] = ""
    comment_ids: Annotated[list[Id], Field(max_length=100)] = []
    covers: Annotated[list[Literal["email_domain", "network"]], Field(max_length=2)] = Field(
        default=[], description="What a block on an author covers besides the author."
    )

    @model_validator(mode="after")
    def name_one(self) -> Self:
        """Refuse none and more than one subject."""
        if (
            sum(
                value is not None
                for value in (self.author_id, self.author_external_id, self.email_domain, self.address)
            )
            != 1
        ):
            raise ValueError(
                "Not one subject. Give exactly one of author_id, author_external_id, email_domain and address"
            )
        return self


class BlockedIn(Taken):
    """Whom to look for; at least one is given, and whichever is blocked counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [_given(name) for name in ("author_id", "author_external_id", "email", "address")]
        }
    )

    author_id: Id | None = None
    author_external_id: Id | None = None
    email: Email | None = None
    address: NetworkAddress | None = None

    @model_validator(mode="after")
    def name_somebody(self) -> Self:
        """Refuse a question about nobody."""
        if not any((self.author_id, self.author_external_id, self.email, self.address)):
            raise ValueError("Nobody is named. Give author_id, author_external_id, email or address")
        return self


class LiftIn(Taken):
    """Why a block is lifted."""

    note: Annotated[str, StringConstraints(max_length=2000)] = ""


class Told(BaseModel):
    """What goes out."""

    model_config = ConfigDict(extra="forbid")


class ReasonOut(Told):
    """Why; spans count code points of the body."""

    clause: str
    score: float
    sentence: str
    spans: list[list[int]]
    target: str
    matched_as: str | None


class DecisionOut(Told):
    """The decision object: the same shape everywhere."""

    verdict: Literal["publish", "hold", "reject"]
    clause: str | None
    reasons: list[ReasonOut]
    scores: dict[str, float]
    policy_version: str
    model_versions: dict[str, Any]


class CommentOut(Told):
    """A comment as it stands, and the decision in force."""

    id: str
    external_id: str | None
    status: Literal["published", "held", "rejected", "withdrawn", "removed"]
    decision: DecisionOut
    notice: str | None = Field(description="What follows for the author: a warning, a hold or a block.")


class BlockOut(Told):
    """An entry of the block list with its evidence."""

    id: str
    subject_kind: Literal["author", "email_domain", "network"]
    subject: str
    author_external_id: str | None
    penalty: Literal["warn", "premoderate", "block"]
    clause: str | None
    comment_ids: list[str]
    strike_ids: list[str]
    given_by: str
    starts_at: datetime
    ends_at: datetime | None
    expired_at: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    note: str
    given_with: str | None = Field(
        description="The author's block that this one accompanies, lifted with it."
    )


class BlockedOut(Told):
    """Whether somebody may not comment, why, and until when."""

    blocked: bool
    block: BlockOut | None
    sentence: str = Field(description="What the person is told; empty where nobody is blocked.")


class Problem(BaseModel):
    """RFC 9457: what went wrong, for programs by `code`, for people by `detail`."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: dict[str, list[str]] = Field(default={}, description="By field: reason and remedy.")


class BatchResult(Told):
    """What became of one comment: either of both."""

    comment: CommentOut | None
    problem: Problem | None


class BatchOut(Told):
    """What became of each comment of a batch, in its order."""

    results: list[BatchResult]
