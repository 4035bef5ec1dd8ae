"""The wire to NetSuite: how a client signs in, SuiteQL, and the record API."""
