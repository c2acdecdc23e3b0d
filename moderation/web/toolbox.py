"""The tools of the running application, for views."""

from typing import cast

from flask import current_app

from moderation.services import Tools


def tools() -> Tools:
    """Return the tools that `create_app` was given."""
    return cast("Tools", current_app.extensions["moderation.tools"])
