"""The accounting documents of the simulated client: their lines, what clears which, and the cube that shows them."""
