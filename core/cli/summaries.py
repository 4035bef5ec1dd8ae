"""What `duehook --help` says of each command, so that the list imports none of them.

The first paragraph of each command's docstring, word by word: tests/cli/test_base.py compares them.
"""

from __future__ import annotations

from typing import Final

SUMMARIES: Final = {
    "init": "Ask at most eight questions, write duehook.yaml, and make the database.",
    "migrate": "Bring the books to this version's tables; make a backup first.",
    "plugins": "List the plugins, each ok or with the reason why not.",
    "connectors": "List the connectors with the grade that each earned, when and against what, "
    "and what the next one asks for.",
    "check": "Try every right, setting and channel, and tell what is missing and whom to ask.",
    "discover": "List what a connection's ERP has: companies, tables, code lists, and settings that follow.",
    "simulate": "Start a simulated ERP, print the settings that reach it, and stay until interrupted.",
    "same-book": "Read one simulated book through several connectors, tie each out, and show that all hold the same.",
    "record": "Read a connection as the next import would and keep what the ERP answers, without secrets, for a test.",
    "replay": "Read a recorded reading again with the connectors that are installed; no ERP is asked.",
    "new-connector": "Make the package of a connector of your own: a small one that works, to be changed step by step.",
    "import": "Read customers, items and payments from the ERP.",
    "tie-out": "Compare every open document with the ERP, to the cent; what stays unexplained locks dunning.",
    "aging": "Show what is open, by age, in each currency; today's by debtor also says how each pays.",
    "dun": "Decide about every open item and propose the notices; nothing is sent.",
    "block": "Stop dunning a debtor, or with --item one item, until a day or until it is lifted.",
    "unblock": "Lift the blocks of a debtor, or with --item of one item.",
    "explain": "Say in words why an item, or each item of a debtor, was or was not dunned; of a debtor also its level.",
    "serve": "Keep the loop going: import, tie-out, aging, dunning and delivery by the schedule.",
    "deliver": "Send the approved notices, write notes and holds into the ERP, and tell what is in doubt.",
    "go-live": "Open the site for live letters: give every open item its opening level, without sending.",
    "status": "Show how the collections stand: data, balances, proposals, letters sent, what waits, what is next.",
    "doctor": "Examine the machine, the books and the work, and say what to do; the ERPs are asked by `check`.",
    "config": "Check duehook.yaml; print its schema.",
    "map": "Check mapping files.",
    "quarantine": "Rows that could not be loaded.",
    "party": "Customers of different ERPs that are one debtor.",
    "policy": "Policy packs: who is dunned when, and how.",
    "proposal": "The notices that a dunning run proposes.",
    "notice": "The notices: what went to whom, and what became of it.",
    "level": "The dunning level of an item.",
    "schedule": "What the loop runs, and when.",
    "outbox": "Effects on the outside: queued, sent, in doubt.",
    "task": "What a person has to do.",
    "hold": "Credit holds that Duehook proposed or set.",
    "audit": "Who did what, sealed in a chain.",
}
