"""The kit on a live ERP, and on a cassette of one."""
