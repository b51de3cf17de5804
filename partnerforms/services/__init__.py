"""What the program does. Each function takes a Session and flushes; whoever asked commits, once."""
