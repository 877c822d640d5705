"""The API catalogue, and the way from a vendor's message specification to a mapping.

Both know document types only through mappings.

    services        one value per service of a mapping         operations     what the operations are called
    specification   the fields of its messages                 samples        a request and an answer of it
    sheets          the catalogue as sheets of a workbook      vendor/        a specification workbook -> a mapping to finish
"""
