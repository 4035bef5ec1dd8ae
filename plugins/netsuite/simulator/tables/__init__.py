"""What the account holds: the tables that SuiteQL asks, made of the book and kept true as it moves."""
