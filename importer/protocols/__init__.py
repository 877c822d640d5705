"""The ERP's wire formats: values in, bytes out; bytes in, a `Reply` out. Nothing here sends anything.

`parameters` and `answers` are what all formats of the standard channel share, `standard_json` is its JSON form.
"""
