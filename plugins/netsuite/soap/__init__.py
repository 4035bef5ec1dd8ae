"""SuiteTalk, NetSuite's SOAP services: the second path, for accounts that are not read by SuiteQL."""
