"""A WSGI server: an event loop reads requests and writes answers, threads run the application.

A client costs a thread only while the application works on its complete request. gunicorn may manage the processes
(`http_server.gunicorn_app`); `http_server.server.HttpServer` alone serves from a thread of any process.
"""
