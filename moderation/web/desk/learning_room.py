"""The learning room: the models in use and the candidates with their cards, the gate's verdict, promote, roll back."""

import json
from pathlib import Path
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext

from moderation.classifier import ledger
from moderation.errors import ModelRefused, NotFound
from moderation.services import promoting
from moderation.services.learning import GATE
from moderation.web.desk.blueprint import View, blueprint, me, needs
from moderation.web.languages import N_
from moderation.web.toolbox import tools

# As the card draws them; what a folder lacks is left out.
PLOTS = {
    "roc.svg": N_("Receiver operating characteristic"),
    "precision-recall.svg": N_("Precision and recall"),
    "reliability.svg": N_("Reliability: how often a score of so much is right"),
}


def folders() -> dict[str, Path]:
    """Return the folder of every model that can be shown, by its name in addresses: shipped ones and candidates."""
    settings = tools().settings
    shipped = {path.name: path for path in sorted(settings.models_dir.glob("*")) if path.is_dir()}
    learned = {candidate.version: candidate.folder for candidate in promoting.candidates(tools())}
    return {**shipped, **learned}


def gate_of(folder: Path) -> dict[str, Any] | None:
    """Return what the gate wrote into a folder, None where it was not asked."""
    try:
        found: dict[str, Any] = json.loads((folder / GATE).read_bytes())
    except (OSError, ValueError):
        return None
    return found


def plots_of(folder: Path) -> dict[str, str]:
    """Return the plots that a folder has, with their titles."""
    return {name: title for name, title in PLOTS.items() if (folder / name).is_file()}


@blueprint.get("/models")
@needs("read")
def learning_room() -> View:
    """Show the models in use, the candidates beside them, and what the gate said."""
    candidates = promoting.candidates(tools())
    replaced = {path.name: path for path in sorted(tools().settings.models_dir.glob("*")) if path.is_dir()}
    live = next((one for one in candidates if one.state == "live"), None)
    shown = [
        {
            "candidate": one,
            "gate": gate_of(one.folder),
            "plots": plots_of(one.folder),
            "beside": beside(live, replaced, one),
        }
        for one in reversed(candidates)
    ]
    return render_template(
        "desk/learning_room.html",
        models=dict(tools().engine.model_versions),
        refused=tools().engine.models.refused,
        shipped={name: plots_of(path) for name, path in replaced.items()},
        candidates=shown,
        history=[*reversed(ledger.read_ledger(tools().settings.learned_dir).history)],
        can_roll_back=live is not None,
    )


def beside(
    live: promoting.Candidate | None, shipped: dict[str, Path], candidate: promoting.Candidate
) -> tuple[str, dict[str, str]] | None:
    """Return the model that a candidate would replace: its name in addresses, and its plots."""
    name = candidate.folder.name
    if live is not None and live is not candidate and live.folder.name == name:
        return live.version, plots_of(live.folder)
    return (name, plots_of(shipped[name])) if name in shipped else None


@blueprint.get("/models/<model>/<plot>")
@needs("read")
def model_plot(model: str, plot: str) -> View:
    """Give a plot of a model's card."""
    folder = folders().get(model)
    if folder is None or plot not in PLOTS or not (folder / plot).is_file():
        raise NotFound("There is no such plot.")
    answer = make_response((folder / plot).read_bytes())
    answer.mimetype = "image/svg+xml"
    # Opened by itself it is a page: nothing in it may run, and its own colours may show.
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
        "sandbox"
    )
    return answer


@blueprint.post("/models/<version>/promote")
@needs("promote_model")
def promote_model(version: str) -> View:
    """Put a candidate in force that has passed the gate."""
    try:
        entry = promoting.promote(tools(), version, me().id)
    except ModelRefused as error:
        raise NotFound(f"{version[:80]} cannot be promoted. {error.title}.") from error
    flash(
        gettext(
            "%(version)s is in force. Processes that serve load it within a second.", version=entry.version
        )
    )
    return redirect(url_for("desk.learning_room"), 303)


@blueprint.post("/models/roll-back")
@needs("promote_model")
def roll_back_model() -> View:
    """Take the last promotion back."""
    entry = promoting.roll_back(tools(), me().id)
    flash(gettext("%(version)s is no longer in force.", version=entry.version))
    return redirect(url_for("desk.learning_room"), 303)
