"""Scheduling formats, pure: bytes and headers in, appointment events or a typed rejection out."""
