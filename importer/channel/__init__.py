"""The ERP as sender and reconciler see it; which format the bytes have is known only below.

calls      how a call ends
standard   the 互聯中台 standard channel: one call per operation, and reading
custom     the TIPTOP custom XML channel: one call that creates, or creates, approves and posts
route      which of the two carries a document from stage to stage
"""
