"""What the reader of a page is: the language, the name that steps are signed with, the editor."""
