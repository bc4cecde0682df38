"""The clerk's page: the present customer, the line, and what can be done with each of them. Every button is a form."""
