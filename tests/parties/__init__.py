"""One debtor in several ERPs: matched, confirmed by a person, joined on one list of work."""
