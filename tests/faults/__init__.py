"""Faults done to a service that people use meanwhile, and the accounts that must balance afterwards."""
