"""The standard channel 互聯中台 (protocol §2): envelopes, fields, and the ten operations on them."""
