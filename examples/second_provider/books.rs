//! The data source `library_books`.

use serde::{Deserialize, Serialize};
use terraform_provider_immuta::tfplugin::{
    Attr, Attribute, Configured, DataSource, Diagnostic, HandlerResult, NestingMode, Schema,
};

use crate::library::Library;

#[derive(Deserialize, Serialize)]
pub(crate) struct Books {
    language: Attr<String>,
    books: Attr<Vec<Entry>>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    id: Attr<String>,
    title: Attr<String>,
}

pub(crate) struct BooksDataSource;

impl DataSource for BooksDataSource {
    type Client = Library;
    type Model = Books;

    fn type_name(&self) -> &'static str {
        "library_books"
    }

    fn schema(&self) -> Schema {
        let entry = vec![
            Attribute::string("id")
                .computed()
                .description("Its number."),
            Attribute::string("title")
                .computed()
                .description("Its title."),
        ];
        Schema::new("Lists the books.")
            .attribute(
                Attribute::string("language")
                    .optional()
                    .description("Only those in this language."),
            )
            .attribute(
                Attribute::nested("books", NestingMode::List, entry)
                    .computed()
                    .description("The books."),
            )
    }

    async fn read(&self, context: &Configured<Library>, config: Books) -> HandlerResult<Books> {
        let books = context.client.all().map(|books| {
            let wanted = books
                .into_iter()
                .filter(|book| config.language.is_null() || book.language == config.language);
            let entries = wanted.map(|book| Entry {
                id: book.id,
                title: book.title,
            });
            entries.collect::<Vec<_>>()
        });
        let listed = books.map(|books| Books {
            books: books.into(),
            ..config
        });
        listed
            .map_err(|cause| Diagnostic::error("Unable to list books", cause.to_string()))
            .into()
    }
}
