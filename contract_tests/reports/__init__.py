"""What a run tells: to people on a terminal and in HTML, to machines in JSON and JUnit XML."""
