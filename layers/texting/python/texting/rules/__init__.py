"""The law of the house, pure: values in, verdicts out; no clock, no store, no environment."""
