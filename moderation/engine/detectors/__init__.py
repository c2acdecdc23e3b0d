"""One file, one detector: it says what it saw and where. A file here that binds `DETECTOR` is found by being here."""

import importlib
import pkgutil

from moderation.engine.types import Detector


def find_detectors() -> tuple[Detector, ...]:
    """Return the detector of every module in this folder, by name."""
    found = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        found.append(importlib.import_module(f"{__name__}.{module.name}").DETECTOR)
    return tuple(found)
