"""The simulated service "Journal Entry – Change (Asynchronous)": its SOAP wire, its inbox, and what it changes."""
