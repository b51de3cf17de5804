"""The bare extension objects. `create_app` binds them to an application."""

from flask_compress import Compress
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from partnerforms.models import Base

db = SQLAlchemy(model_class=Base)
migrate = Migrate()
compress = Compress()
