"""Oracle NetSuite: a simulated account, for the connector that reads over SuiteQL and writes over the record API."""
