"""Faults, from outside: the real service is started, hurt and restarted, and what clients were told is held to what is stored.

nursery.py    forks the real service from a warm process, with what only a test needs: a fast clock, points to die at
service.py    a newsroom whose service is started, killed and started again; its clients and what they were answered
receivers.py  where webhooks arrive: ways to fail, and what came in which order
checking.py   what was acknowledged beside what the database holds; an audit of one round
rounds.py     the scenarios, each a number of cycles on a database of its own
postgres.py   a PostgreSQL that is stopped at once, and a proxy that delays, drops and resets
outages.py    the database away, slow, locked, full; a process that slept through its lease
deliveries.py thousands of events to receivers that fail, in one process under a clock that is told
poison.py     damaged model and policy files
syncing.py    what strace sees between a write and its answer
journal.py    finished cycles in var/faults, so that a run that was cut goes on; the table of counts
__main__.py   `make faults`: all of it, in full
"""
