"""SuiteQL: Oracle's SQL as NetSuite takes it, run over the account's tables, and the service that answers it."""
