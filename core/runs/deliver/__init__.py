"""Delivery: queued notices go out once, their effects reach the ERP, and doubt is told."""
