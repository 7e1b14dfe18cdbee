/// Name, version and address of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderMetadata {
    /// The name of the binary and the package, such as `terraform-provider-immuta`.
    pub name: &'static str,
    /// The version of the provider, without a leading `v`.
    pub version: &'static str,
    /// Namespace and type of the source address, without a registry's host: `immuta/immuta`.
    pub address: &'static str,
    /// What the provider is for, in one line without a full stop.
    pub purpose: &'static str,
}
