"""What every room stands on: money, records, settings, plugins, the wire, the logs."""
