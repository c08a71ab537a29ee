# The console itself.
help
help walk
status
help nothing
