"""How the AIS data service is read: conditions, cells, pages in key order, and what is joined to them."""
