"""Who may do what at the desk, in one list: each permission, the least role that has it, and what it lets one do.

The views of the desk declare a permission of this list, services ask for one, `/desk/permissions` shows all of them.
"""

from dataclasses import dataclass

from moderation.errors import Forbidden
from moderation.store.tables import Moderator

ROLES = ("viewer", "moderator", "senior", "administrator")  # each has what those before it have


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that can be done at the desk, from which role on, and a sentence that tells what it is."""

    name: str
    least: str
    sentence: str


_LIST = (
    Permission("own_account", "viewer", "Change one's own password, second factor and sessions."),
    Permission(
        "read", "viewer", "Read the queue, comments, authors, the block list, figures and the audit log."
    ),
    Permission("decide", "moderator", "Approve, reject, take down and restore comments; undo single steps."),
    Permission("note", "moderator", "Note something about an author for colleagues."),
    Permission("pin", "moderator", "Pin comments to the top of a discussion."),
    Permission("block", "moderator", "Block an author, and lift the block of an author."),
    Permission("answer_appeals", "moderator", "Answer appeals of decisions on comments."),
    Permission("second_look", "moderator", "Judge a colleague's decision again, blind."),
    Permission("edit_articles", "moderator", "Write articles, open and close their discussions."),
    Permission("replay_deliveries", "moderator", "Send again an event that was given up."),
    Permission("hear_alerts", "moderator", "Be mailed alerts and the day's digest."),
    Permission(
        "write_policy", "moderator", "Draft the policy, try it on texts and replay it over stored comments."
    ),
    Permission("undo_bulk", "senior", "Undo what a colleague did in bulk; one's own a moderator undoes."),
    Permission(
        "block_widely", "senior", "Block domains and networks, lift such blocks, import a block list."
    ),
    Permission("answer_block_appeals", "senior", "Answer appeals of blocks."),
    Permission(
        "publish_policy", "senior", "Put a draft of the policy into force, and restore an earlier policy."
    ),
    Permission("promote_model", "administrator", "Put a learned model into force, and roll it back."),
    Permission(
        "manage_accounts",
        "administrator",
        "Invite, give roles, reset passwords and second factors, deactivate.",
    ),
)
PERMISSIONS = {permission.name: permission for permission in _LIST}


def has(role: str, name: str) -> bool:
    """Return whether a role has a permission; a role nobody knows has none."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(PERMISSIONS[name].least)


def roles_with(name: str) -> tuple[str, ...]:
    """Return the roles that have a permission, the least first."""
    return tuple(role for role in ROLES if has(role, name))


def may(moderator: Moderator, name: str) -> bool:
    """Return whether a moderator has a permission; whose account is closed has none."""
    return moderator.deactivated_at is None and has(moderator.role, name)


def require(moderator: Moderator, name: str) -> None:
    """Let a moderator pass who has the permission.

    Raises:
        Forbidden: names his role and those that have it.
    """
    if not may(moderator, name):
        allowed = " or ".join(roles_with(name))
        raise Forbidden(f"Your role is {moderator.role}; this needs the role {allowed}.")
