"""SAP S/4HANA over OData: business partners, open items, credit and dunning."""
