"""The only place where boto3 is imported: one plain class per thing in the world."""
