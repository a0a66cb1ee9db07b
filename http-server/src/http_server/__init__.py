"""A WSGI server: an event loop reads requests and writes responses, threads run the application.

A client occupies a thread only while the application handles its complete request. `http_server.gunicorn_app` runs
processes under gunicorn; `http_server.server.HttpServer` serves from a thread of any process.
"""
