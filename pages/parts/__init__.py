"""What pages share: status bar, commands and their answers, charts, tables, forms, the page guard."""
