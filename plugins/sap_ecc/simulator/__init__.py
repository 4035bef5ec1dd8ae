"""A simulated SAP ECC: its tables and function modules over the book of core/testing."""
