//! How any Terraform plugin process lives.
