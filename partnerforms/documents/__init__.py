"""Word documents: templates that are compiled once and filled many times. No Flask, no database.

`template.compile_template` reads a Word file that anyone can edit, `fill.fill` makes a document of it.
"""
