"""From a vendor's message specification to a mapping to finish.

The workbook was written by people for people, so everything here is a reading, not a parse: what is understood becomes the
mapping, what is doubtful a TODO in it, what is not understood a finding with sheet and cell.

    words      what headings and marks are called        tables     where the tables of fields are, and of what
    fields     the rows of a table as fields             cells      types, lengths, yes and no
    drafting   fields and service names as a mapping     yaml_text  the mapping as text, with its TODOs
    reading    all of it, in order
"""
