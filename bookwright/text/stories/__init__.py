"""Stories to be written: what writers are asked, what they answer, and how that becomes a book's text. Pure.

`parts` plans the chapters, `characters`, `outlines`, `chapters`, `searching` and `grammar` have the questions (each a
`TextTask` with its schema, and its material for engines that compose instead of understanding words) and read the
answers, `ages`, `themes` and `life` say what is fitting for whom, `fitting` brings texts to an exact number of pages,
and `manuscript` puts the chapters together."""
