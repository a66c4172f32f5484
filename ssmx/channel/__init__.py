"""The data-channel protocol of Session Manager, sans I/O: messages and `now` in, events and messages out."""
