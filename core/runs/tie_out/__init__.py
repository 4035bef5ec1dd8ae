"""Tie-out: prove to the cent, document by document, that the books hold what the ERP says is open.

Totals are read under the bound of the last closed import. Documents that differ are read again
once. What still differs is explained (changed after the bound, in quarantine, a class left out, a
rest in company currency of an item that is settled in its own) or it is not; what is unexplained
locks dunning, for its company only, until a later tie-out is clean (rule 14).
"""

from __future__ import annotations

from .results import CompanyTieOut, Difference, Explanation, Heading, TieOut
from .run import tie_out, tie_out_all, tie_out_connection, tie_out_in_turn

__all__ = [
    "CompanyTieOut",
    "Difference",
    "Explanation",
    "Heading",
    "TieOut",
    "tie_out",
    "tie_out_all",
    "tie_out_connection",
    "tie_out_in_turn",
]
