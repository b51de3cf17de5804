"""What becomes of data in the end: kept no longer than it may be, handed out whole, erased."""
