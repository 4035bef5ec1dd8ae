"""SuiteTalk, NetSuite's SOAP web services: the same account under /services/NetSuitePort_2025_2."""
