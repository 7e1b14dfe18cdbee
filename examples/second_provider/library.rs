//! The client: books in files.

use std::{fs, io, path::PathBuf};

use crate::book::Book;

pub(crate) struct Library {
    folder: PathBuf,
}

impl Library {
    pub(crate) fn new(folder: String) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The number of a new book.
    pub(crate) fn next_id(&self) -> io::Result<String> {
        let ids = self.ids()?.into_iter().filter_map(|id| id.parse().ok());
        let next = ids.max().unwrap_or(0_u64) + 1;
        Ok(next.to_string())
    }

    pub(crate) fn put(&self, id: &str, book: &Book) -> io::Result<()> {
        fs::write(self.path(id), serde_json::to_vec(book)?)?;
        // Shown by TF_LOG=INFO, with `@module=second_provider.library`.
        tracing::info!(id, "a book is on its shelf");
        Ok(())
    }

    /// None where there is no such book.
    pub(crate) fn get(&self, id: &str) -> io::Result<Option<Book>> {
        match fs::read(self.path(id)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    pub(crate) fn remove(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => Ok(()),
        }
    }

    /// All books, by number.
    pub(crate) fn all(&self) -> io::Result<Vec<Book>> {
        let mut ids = self.ids()?;
        ids.sort();
        let books = ids.iter().map(|id| self.get(id));
        Ok(books
            .collect::<io::Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    fn ids(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.file_name()));
        let names: Vec<_> = names.collect::<io::Result<_>>()?;
        let names = names.iter().filter_map(|name| name.to_str());
        Ok(names
            .filter_map(|name| name.strip_suffix(".json"))
            .map(str::to_owned)
            .collect())
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}
