"""Reports of a run: for people on a terminal and in HTML, for programs in JSON and JUnit XML."""
