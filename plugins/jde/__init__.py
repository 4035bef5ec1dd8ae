"""JD Edwards EnterpriseOne."""
