"""The control surface: `/box/*`, by which people and tests move the clock, text as patients, and look at everything."""
