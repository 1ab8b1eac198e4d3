"""The command line and the supervisor; the only place that wires everything."""
