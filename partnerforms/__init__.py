"""partnerforms: surveys, plans and filled Word documents for partnership programs.

`create_app` is the map of the program: settings, database, mail, instruments, templates, pages.
"""

from flask import Flask

from partnerforms import database, web
from partnerforms.documents.shelf import Shelf
from partnerforms.engine.library import Library
from partnerforms.extensions import compress, db, migrate
from partnerforms.languages import read_library
from partnerforms.services.tools import Tools
from partnerforms.settings import Settings
from partnerforms.web.house import House
from partnerforms.web.proxies import trust

LARGEST_REQUEST = 4 * 1024 * 1024


def create_app(settings: Settings | None = None, library: Library | None = None) -> Flask:
    """The application. Without settings they are read from the environment; SettingsError when one is wrong."""
    settings = settings or Settings.from_env()
    app = Flask(__name__, template_folder=str(settings.root / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "pool_size": 40, "hide_parameters": True},
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
    )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(settings.root / "migrations"), render_as_batch=True)
    compress.init_app(app)
    with app.app_context():
        database.prepare(db.engine)
    tools = Tools(
        library=library or read_library(),
        shelf=Shelf(settings.root / "docx_templates"),
        base_url=settings.base_url,
        domain=settings.domain,
        zone=settings.zone,
        secret_key=settings.secret_key,
    )
    web.register(app, House(settings, tools))
    trust(app, settings.trusted_proxies)
    return app
