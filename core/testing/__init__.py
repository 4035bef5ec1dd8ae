"""What tests, simulators and plugin authors share."""
