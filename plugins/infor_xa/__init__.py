"""Infor XA (MAPICS) on IBM i: a template that a site fills, read over ODBC, written to by way of a staging table."""
