"""The custom channel: TIPTOP's own XML carried as a string in SOAP (protocol §1, §8)."""
