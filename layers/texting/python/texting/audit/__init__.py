"""The audit room: what an entry of the ledger is, how entries become a tree, and what is published of it.

It promises: the same input gives the same bytes; nothing here reads a clock, a store, an environment or a key (a
signature is asked of the caller); no entry that could identify a person is ever made; and what it publishes can be
checked by a program that shares no code with it (`verifier/verify.py`). The format is told in `docs/evidence.md`.
"""
