"""The one place that builds everything: settings in, engine and tools out.

engine.py   what decides: policy, detectors, models; loads no database, so that `moderation decide` starts at once
doctor.py   what is wrong with an installation, and what to do
tools.py    what serves: the engine with database, mail, outgoing requests, metrics
"""
