"""One file per output form; each turns a report into text or bytes and prints nothing."""
