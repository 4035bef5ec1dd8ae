"""Every figure that the README claims: one module a claim, each with `run()`."""
