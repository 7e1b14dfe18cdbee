//! A provider for an imaginary library, which is a folder with a file for each book: what
//! `examples/minimal_provider.rs` leaves out. To be copied from.
//!
//! | file | what it shows |
//! | --- | --- |
//! | `book.rs` | a resource with a list and a set of nested objects, a map, an enum, a default, a value that the library chooses, a write-only one, replacement, import by title |
//! | `books.rs` | a data source that returns nested objects |
//! | `shelfmark.rs` | a function with a nullable and a variadic parameter |
//! | `library.rs` | the client; knows nothing of Terraform |

mod book;
mod books;
mod library;
mod shelfmark;

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use terraform_provider_immuta::{
    plugin,
    tfplugin::{
        Attr, Attribute, ConfigureResult, Handlers, Provider, ProviderMetadata, Schema, Service,
    },
};

use crate::{
    book::BookResource, books::BooksDataSource, library::Library, shelfmark::ShelfmarkFunction,
};

#[derive(Deserialize, Serialize)]
struct Config {
    folder: Attr<String>,
}

struct LibraryProvider;

impl Provider for LibraryProvider {
    type Config = Config;
    type Client = Library;

    fn metadata(&self) -> ProviderMetadata {
        ProviderMetadata {
            name: "terraform-provider-library",
            version: "0.1.0",
            address: "example/library",
            purpose: "Books in a folder",
        }
    }

    fn log_crates(&self) -> &'static [&'static str] {
        &[env!("CARGO_CRATE_NAME")]
    }

    fn schema(&self) -> Schema {
        Schema::new("Books in a folder.").attribute(
            Attribute::string("folder")
                .required()
                .description("The folder, which must exist."),
        )
    }

    fn handlers(&self) -> Handlers<Library> {
        Handlers::new()
            .resource(BookResource)
            .data_source(BooksDataSource)
            .function(ShelfmarkFunction)
    }

    async fn configure(&self, config: Config, _: &str) -> ConfigureResult<Library> {
        Ok(config.folder.into_known().map(Library::new)).into()
    }
}

fn main() -> ExitCode {
    // In a provider of its own this is a test: `assert_eq!(Service::new(provider).schema_errors(), [""; 0])`.
    debug_assert_eq!(Service::new(LibraryProvider).schema_errors(), [""; 0]);
    plugin::run(LibraryProvider)
}
