"""The loop: which slots are due, the steps they run, and the process that serves them."""
