//! The user that `GET /api/auth/user` tells of.

use serde_json::{Value, json};

/// A user in segment `na` who may manage webhooks, and whose token expires in 90 days.
pub(crate) fn default_user() -> Value {
    let expires = jiff::Timestamp::now().as_second() + 90 * 24 * 60 * 60;
    json!({
        "displayName": "Terraform Automation",
        "username": "terraform@example.com",
        "expiration": expires,
        "globalUserId": "5f1d7a52-7a0a-4c3e-9d41-0f5e1d9c7b10",
        "trackingId": "b0a1f2d4-3f5b-4c39-8a65-2b7f0a9d6e21",
        "tenantInfo": {
            "id": "8c6f6f0e-2f0b-4a8e-9d3a-6c1b7d5e4f32",
            "fqdn": "example.hosted.immutacloud.com",
            "organizationId": "org-1",
            "organizationName": "Example",
            "globalSegment": "na",
        },
        "email": "terraform@example.com",
        "globalPermissions": ["APPLICATION_ADMIN"],
        "collectionPermissions": {},
        "authorizations": {},
        "groups": [],
    })
}
