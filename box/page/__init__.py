"""The page in the browser: phones, what the practice sees, and the clock with the ledger."""
