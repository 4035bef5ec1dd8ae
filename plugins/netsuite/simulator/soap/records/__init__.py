"""The records of the account as SuiteTalk gives them."""
