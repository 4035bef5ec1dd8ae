"""The files of a drop folder: which there are, what each holds, and its rows as records."""
