"""What drafted tests run beside an answer: these modules are read as text, never imported here."""
