"""The commands by theme. `partnerforms.cli` puts them together."""
