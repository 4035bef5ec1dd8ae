"""What is written to Finance & Operations, kind by kind: each looks first, writes, and reads back."""
