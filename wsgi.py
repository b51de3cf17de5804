"""For any WSGI server: gunicorn wsgi:app. Settings come from the environment; mail from `partnerforms worker`."""

from partnerforms import create_app

app = create_app()
