"""Dunning decided for a whole company by sets; core/collect/dunning is its twin."""
