"""Word templates: a closed tag language, compiled once, filled many times. Knows nothing of instruments.

`compile_template` reads a Word file that anyone can edit: `package` unzips it, `markup` joins the text that Word
split and lifts the tags out (`tags`), `build` checks every name and makes a tree of `nodes`, which write bytes.
`direction` turns pages for languages written from right to left, `logo` exchanges the picture.
"""

from partnerforms.documents.templates.compile import Template, compile_template
from partnerforms.documents.templates.problems import TEMPLATE_PROBLEMS, TemplateError, TemplateProblem
from partnerforms.documents.templates.tags import Names, Rows

__all__ = ["TEMPLATE_PROBLEMS", "Names", "Rows", "Template", "TemplateError", "TemplateProblem", "compile_template"]
