"""The plugin for JD Edwards and its simulator."""
