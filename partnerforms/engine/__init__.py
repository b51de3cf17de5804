"""What a form is: instruments, answers, tallies and the disclosure gate. Standard library only."""
