"""The WSGI application, for any server: `granian --interface wsgi server:app`."""

from gridgeo.settings import Settings
from gridgeo.web.app import create_app

app = create_app(Settings.from_env())
