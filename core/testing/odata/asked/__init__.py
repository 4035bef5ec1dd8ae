"""What a request asks of a service: the literals and options of its address, and the rows that they choose."""
