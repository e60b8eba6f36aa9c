"""The practice in a box: the whole pipeline on one machine, on an embedded AWS and a carrier of our own.

Development and demonstration only. Nothing in `texting` knows that it exists.
"""
