"""What a connector earned: the grades, what each asks for, and the record beside its code."""
