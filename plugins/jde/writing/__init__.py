"""What is written to EnterpriseOne, kind by kind: each looks first, writes once, and reads back."""
