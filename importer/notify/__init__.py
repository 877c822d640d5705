"""Messages for people who are not there: e-mail and webhooks. One message tells of many files.

digest     what one message is about          wording    its words in the reader's language
mail       e-mail over TLS                    webhook    JSON to an address; the shapes of common chat tools
channels   what the configuration names
"""
