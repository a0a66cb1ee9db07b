"""Files of strangers become sections of text, in a process that may do nothing else; sections become passages."""
