"""A toy SAM that was really trained, so that tests can ask for the thing that was clicked on."""
