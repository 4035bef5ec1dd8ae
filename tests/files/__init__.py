"""The plugin for files that an ERP exports."""
