"""Texting patients without leaking a word of their health: the package every function shares."""
