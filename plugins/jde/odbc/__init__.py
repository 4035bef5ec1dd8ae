"""How EnterpriseOne's database is read: dialects, statements, pages, and the wire."""
