"""The tables of the simulated Business Central, made of the book."""
