"""What is written to M3, kind by kind: each looks first, writes, and reads back."""
