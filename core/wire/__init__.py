"""What the plugins' clients share on the wire."""
