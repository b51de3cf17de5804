"""Word documents of instruments: templates filled, paper forms printed. No Flask, no database."""
