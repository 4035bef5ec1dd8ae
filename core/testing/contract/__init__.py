"""The contract kit: what a connector must do, as tests that run on any of them.

`pytest --duehook-connector=TYPE` runs it over the connector's own simulator and ends with the grade
that was earned: bronze reads, silver also notices changes, deletions and faults, gold also writes back and ties
out, platinum also does so with 100,000 open items within its time and memory.

With `--duehook-live=FILE` it asks a live ERP, with `--duehook-cassette=FOLDER` what was recorded of one: then the
cases that only a simulator can be put to are not asked, and the grade says so.

`erp.py` says what the kit asks of a simulator; `cases/` holds the tests, a chapter a file; `scenes/` is what they let
happen in the ERP, `live/` what they get where nobody can, `grading/` what comes of them.
"""
