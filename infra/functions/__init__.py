"""One construct per function, each on one screen: what starts it, what it is told, what it may do."""
