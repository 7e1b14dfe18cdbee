//! The API of the Immuta Request app.
