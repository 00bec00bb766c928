"""A web application in plain WSGI: no framework, nothing to install."""

from html import escape
from os import environ
from socket import gethostname

PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Hello from Python</title>
<h1>Hello from Python</h1>
<p>{app} {release} on {instance}, asked for <code>{path}</code></p>
"""


def application(request, start_response):
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    page = PAGE.format(
        app=environ.get("BERTH_APP", "this app"),
        release=environ.get("BERTH_RELEASE", ""),
        instance=gethostname(),
        path=escape(request.get("PATH_INFO", "/")),
    )
    return [page.encode()]
