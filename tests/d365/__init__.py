"""The plugin for Dynamics 365 Finance & Operations and its simulator."""
