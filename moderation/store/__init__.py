"""Rows and how people use them; the only package that speaks SQL.

tables.py               every table, every column with its meaning; columns.py: UTC times and ids
unit_of_work.py         Database and Store: `with database.begin() as store:`
connections.py          SQLite and PostgreSQL, failures as DatabaseAway; migrating.py: the schema up to date
sites.py articles.py policies.py inbox.py        who sends, what is discussed, by which policy; hooks received
people.py penalties.py moderators.py erasing.py  authors; strikes, blocks; accounts; being forgotten
comments.py threads.py  comments with their decisions, and as readers see them
audit.py outbox.py      the sealed log; events on their way out
desk.py dossiers.py     what moderators look at: lists; one comment or one author in full
"""
