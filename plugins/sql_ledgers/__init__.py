"""The family of ledgers that are read by SQL: one template a type of ERP says what stands where.

It is no type of connection itself: plugins/infor_lx and its siblings are, each with its template and its page.
"""
