"""The journal as it is read: its requests explained, waited for, and checked."""
