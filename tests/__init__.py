"""The tests: a file a capability."""
