"""Fuzzers (`make fuzz`): promises that hold for any bytes whatever.

promises.py  one function a promise: it takes bytes and raises where it is broken
one.py       atheris over one promise, in a process of its own
run.py       all of them, one after the other; a table of what came of it
"""
