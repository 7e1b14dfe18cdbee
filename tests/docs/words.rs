//! Pages, examples and descriptions use the words of the field: what other providers' documentation, Terraform's own and the
//! HTTP RFCs say.





/// Words that the project once had for something that the field has a word for, and that word. A `^` stands for
/// the edge of a word.


/// None of them is on a page, in an example, or in a description of the schema, which the pages show.
pub(crate) fn of_the_field() {}
