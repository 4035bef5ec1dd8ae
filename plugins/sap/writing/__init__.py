"""What is written to SAP, kind by kind: each looks first, writes, and reads back."""
