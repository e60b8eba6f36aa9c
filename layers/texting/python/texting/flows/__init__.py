"""The journeys, one function each: gather facts, ask the rules, carry out the verdict, record it. No AWS here."""
