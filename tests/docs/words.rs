//! Pages, examples and descriptions use the words of the field, not those that the project once had.
