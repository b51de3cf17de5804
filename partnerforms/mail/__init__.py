"""Mail: letters in the reader's language, the connection to the SMTP server, the worker that sends."""
