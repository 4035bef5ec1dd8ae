"""What the connectors to SAP's ledgers share: customers' lines as items, payments and allocations. It is no plugin."""
