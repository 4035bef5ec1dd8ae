"""Microsoft Dynamics 365 Finance & Operations: reads over OData, writes holds, disputes and notes."""
