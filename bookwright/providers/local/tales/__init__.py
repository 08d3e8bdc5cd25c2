"""The offline writer: tales put together from authored templates, in English and Hindi.

It understands nothing. A brief's words are held against lexicons (`matching`), from which follow a plot, a world, the
class of the special ability and an occasion; `planning` lays out what happens on which page, `telling` tells it in
templates of `data/<language>` (`library`, `grammar`), long or short by the readers' age. `casting` has the characters,
`searches` search-and-find books, `expanding` what is made of notes. All of it follows from a task's seed and material
alone. A language model writes better, and the book's colophon says so."""
