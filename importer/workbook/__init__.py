"""The only place that knows Excel: reading workbooks, templates, results."""
