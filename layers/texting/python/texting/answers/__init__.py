"""What a door answers: a request is read, given to its journey, and what came of it is told, as JSON or as a page."""
