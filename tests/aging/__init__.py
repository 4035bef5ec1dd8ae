"""How old what is owed is."""
