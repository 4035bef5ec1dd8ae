"""The forms a file may have: each gives its rows as text by column, with the line that each begins on."""
