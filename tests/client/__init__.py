"""A client of Maru in Python that fulfils every one of the protocol's "client's duties". It knows the server only by
its wire: nothing is imported from the application.
"""
