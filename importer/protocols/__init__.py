"""The ERP's wire formats: values in, bytes out; bytes in, a `Reply` out. Nothing here sends anything.

The standard channel: `parameters` are what is asked for, `answers` what an answer means, `digi` who asks, whatever the format;
`standard_json` and `standard_xml` are its two forms. The custom channel: `custom_xml` writes, `custom_answer` judges.
XML is read and written through `xml_reading` and `xml_writing` alone.
"""
