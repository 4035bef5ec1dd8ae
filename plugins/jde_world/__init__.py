"""JD Edwards World on IBM i: read over ODBC, written to by way of the site's own staging table."""
