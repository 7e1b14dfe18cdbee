//! The resource `library_book`.

use std::{collections::BTreeMap, io};

use serde::{Deserialize, Serialize};
use terraform_provider_immuta::tfplugin::{
    Attr, Attribute, Capabilities, Configured, Diagnostic, HandlerResult, ImportId,
    MaybeConfigured, NestingMode, Outcome, Resource, Schema, Set, StateOf,
    outcome::{Create, Delete, Plan, Read, Update},
    path::{Path, Step},
    value::{Type, Value},
};

use crate::library::Library;

/// Whatever a user can write may be null or unknown, so there is an `Attr` at every depth.
#[derive(Clone, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Book {
    pub(crate) id: Attr<String>,
    pub(crate) title: Attr<String>,
    pub(crate) language: Attr<String>,
    pages: Attr<u16>,
    binding: Attr<Binding>,
    tags: Attr<Vec<Attr<String>>>,
    labels: Attr<BTreeMap<String, Attr<String>>>,
    authors: Attr<Vec<Attr<Author>>>,
    copies: Attr<Set<Attr<Copies>>>,
    call_number: Attr<String>,
    note: Attr<String>,
    note_version: Attr<u32>,
}

/// Written as `hardcover` or `paperback`. Anything else is the user's error, which lists these.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Binding {
    Hardcover,
    Paperback,
}

#[derive(Clone, Deserialize, PartialEq, Serialize)]
struct Author {
    name: Attr<String>,
    born: Attr<i64>,
}

#[derive(Clone, Deserialize, PartialEq, Serialize)]
struct Copies {
    shelf: Attr<String>,
    count: Attr<u8>,
}

pub(crate) struct BookResource;

impl Resource for BookResource {
    type Client = Library;
    type Model = Book;
    type Private = ();
    // A book is imported by its number or title alone.
    type Identity = ();

    fn type_name(&self) -> &'static str {
        "library_book"
    }

    fn schema(&self) -> Schema {
        let list = Type::List(Box::new(Type::String));
        let map = Type::Map(Box::new(Type::String));
        let authors = vec![
            Attribute::string("name")
                .required()
                .description("Their name."),
            Attribute::number("born")
                .optional()
                .description("The year of their birth."),
        ];
        let copies = vec![
            Attribute::string("shelf")
                .required()
                .description("Where they stand."),
            Attribute::number("count")
                .optional()
                .computed()
                .default_value(Value::from(1))
                .description("How many there are. Defaults to 1."),
        ];
        let attributes = [
            Attribute::string("id")
                .computed()
                .description("Its number."),
            Attribute::string("title")
                .required()
                .description("Its title. Another title is another book."),
            Attribute::string("language")
                .optional()
                .computed()
                .default_value(Value::from("en"))
                .description("The language that it is in. Defaults to `en`."),
            Attribute::number("pages")
                .optional()
                .description("How many pages it has."),
            Attribute::string("binding")
                .optional()
                .description("`hardcover` or `paperback`."),
            Attribute::of("tags", list)
                .optional()
                .description("Words about it, in order."),
            Attribute::of("labels", map)
                .optional()
                .description("Words about it, by name."),
            Attribute::nested("authors", NestingMode::List, authors)
                .optional()
                .description("Who wrote it, in order."),
            Attribute::nested("copies", NestingMode::Set, copies)
                .optional()
                .description("Where its copies stand, in no order."),
            Attribute::string("call_number")
                .optional()
                .computed()
                .description("Under what it is asked for. The library chooses one if none is set."),
            Attribute::string("note")
                .optional()
                .write_only()
                .description("A note for the librarian, which is never shown again."),
            Attribute::number("note_version")
                .optional()
                .description("Another number sends the note again."),
        ];
        attributes
            .into_iter()
            .fold(Schema::new("A book."), Schema::attribute)
    }

    /// Nothing that takes IO, and only of what is known already.
    fn validate(&self, config: &Book, _: Capabilities) -> Vec<Diagnostic> {
        let title = Path::attribute("title");
        let is_blank = |title: &String| title.trim().is_empty();
        match config.title.as_known().is_some_and(is_blank) {
            true => vec![Diagnostic::error("Empty title", "title must not be empty.").at(title)],
            false => Vec::new(),
        }
    }

    async fn plan(
        &self,
        _: &MaybeConfigured<Library>,
        config: Book,
        prior: Option<StateOf<Self>>,
        _: Option<()>,
    ) -> Outcome<Plan<StateOf<Self>>> {
        // A prior object never has what is write-only, nor has a plan.
        let config = Book {
            note: Attr::Null,
            ..config
        };
        let new = |config: Book| Book {
            id: Attr::Unknown,
            call_number: config.call_number.or(Attr::Unknown),
            ..config
        };
        let plan = match prior.map(|prior| prior.model) {
            None => Plan::Change(new(config)),
            Some(prior) if prior.title != config.title => Plan::Replace {
                planned: new(config),
                requires_replace: vec![Path::attribute("title")],
            },
            Some(prior) => {
                let planned = Book {
                    id: prior.id.clone(),
                    call_number: config.call_number.or(prior.call_number.clone()),
                    ..config
                };
                match planned == prior {
                    true => Plan::NoOp,
                    false => Plan::Change(planned),
                }
            }
        };
        plan.map(Into::into).into()
    }

    async fn create(
        &self,
        context: &Configured<Library>,
        planned: StateOf<Self>,
        config: Book,
    ) -> Outcome<Create<StateOf<Self>>> {
        let library = &context.client;
        let created = accepted(planned.model).and_then(|book| {
            let id = library.next_id().map_err(failed)?;
            let chosen = format!("B-{id}");
            let book = Book {
                id: Attr::Known(id.clone()),
                call_number: Attr::Known(book.call_number.unwrap_or(chosen)),
                // The service takes it out of the state again.
                note: config.note,
                ..book
            };
            library.put(&id, &book).map_err(failed)?;
            Ok(book)
        });
        match created {
            Ok(book) => Create::Created(book.into()).into(),
            Err(error) => Create::Failed(error).into(),
        }
    }

    async fn read(
        &self,
        context: &MaybeConfigured<Library>,
        current: StateOf<Self>,
    ) -> Outcome<Read<StateOf<Self>>> {
        // Before the folder is known nothing can be learned of the book.
        let Some(context) = context.configured() else {
            return Read::Unchanged.into();
        };
        match context.client.get(id(&current.model)) {
            Ok(Some(book)) => Read::Found(book.into()).into(),
            Ok(None) => Read::Removed.into(),
            Err(cause) => Read::Failed(failed(cause)).into(),
        }
    }

    async fn update(
        &self,
        context: &Configured<Library>,
        prior: StateOf<Self>,
        planned: Book,
        config: Book,
    ) -> Outcome<Update<StateOf<Self>>> {
        let updated = accepted(planned).and_then(|book| {
            let book = Book {
                note: config.note,
                ..book
            };
            let stored = context.client.put(id(&prior.model), &book);
            stored.map_err(failed).map(|()| book)
        });
        match updated {
            Ok(book) => Update::Updated(book.into()).into(),
            Err(error) => Update::Failed(error).into(),
        }
    }

    async fn delete(&self, context: &Configured<Library>, prior: StateOf<Self>) -> Outcome<Delete> {
        match context.client.remove(id(&prior.model)) {
            Ok(()) => Delete::Deleted.into(),
            Err(cause) => Delete::Failed(failed(cause)).into(),
        }
    }

    /// By number or by title.
    async fn import(
        &self,
        context: &MaybeConfigured<Library>,
        id: ImportId<()>,
    ) -> HandlerResult<StateOf<Self>> {
        let (ImportId::Id(wanted), Some(context)) = (id, context.configured()) else {
            let detail = "The folder of the library must be known for an import.";
            return Err(Diagnostic::error("Unable to import book", detail)).into();
        };
        let found = context.client.all().map_err(failed).and_then(|books| {
            let is_it =
                |book: &Book| [&book.id, &book.title].contains(&&Attr::Known(wanted.clone()));
            let detail = format!("No book has the number or the title {wanted:?}.");
            let missing = Diagnostic::error("Unable to import book", detail);
            books.into_iter().find(is_it).ok_or(missing)
        });
        found.map(Into::into).into()
    }
}

fn id(book: &Book) -> &str {
    book.id.as_known().map_or("", String::as_str)
}

/// What the library does not take: an error for each label without a text.
fn accepted(book: Book) -> Result<Book, Diagnostic> {
    let labels = book.labels.as_known().into_iter().flatten();
    let empty = labels.filter(|(_, text)| text.as_known().is_none_or(String::is_empty));
    let errors = empty.map(|(name, _)| {
        Diagnostic::error("Empty label", format!("The label {name} has no text."))
            .at(Path::attribute("labels").child(Step::Key(name.clone())))
    });
    match errors.reduce(Diagnostic::and) {
        Some(error) => Err(error),
        None => Ok(book),
    }
}

fn failed(cause: io::Error) -> Diagnostic {
    let detail = format!("The library's folder is not as it should be: {cause}.");
    Diagnostic::error("Unable to use the library", detail)
}
