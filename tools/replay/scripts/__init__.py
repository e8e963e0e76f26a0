"""What is sent to each server, in order: functions that take a recorder and always send the same requests."""
