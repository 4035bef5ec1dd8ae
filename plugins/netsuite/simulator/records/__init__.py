"""The record API under /services/rest/record/v1: customers and transactions, notes, and what they are made of."""
