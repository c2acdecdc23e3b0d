"""Articles written at the desk, for papers without a CMS, and their discussions."""

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict

from moderation.errors import InvalidInput, NotFound
from moderation.services import publishing
from moderation.store.tables import Article, Site
from moderation.web.desk.blueprint import PAGE, View, blueprint, me
from moderation.web.toolbox import tools

LABELS = {
    "title": ("title", "Headline"),
    "slug": ("slug", "Name in the address"),
    "source": ("source", "Source"),
    "byline": ("byline", "Written by"),
    "url": ("url", "Address of the whole article"),
    "published_at": ("published_at", "Date"),
    "language": ("language", "Language"),
    "summary": ("summary", "Summary"),
    "text": ("text", "Full text"),
    "people": ("people", "People in it"),
}
