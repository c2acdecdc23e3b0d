"""One file, one detector: it says what it saw and where. A file here that binds `DETECTOR` is found by being here."""

import importlib
import pkgutil

from moderation.engine.types import Detector


def find_detectors() -> tuple[Detector, ...]:
    """Return the detector of every module in this folder, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").DETECTOR for name in names)
