//! Identifiers as AWS makes them. They name things and guard nothing.

use data_encoding::HEXLOWER;

/// A random version 4 UUID, the form of request ids.
pub(crate) fn uuid() -> String {
    let mut bytes: [u8; 16] = random();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// An X-Ray root trace id for a request that arrived at this second of the Unix epoch.
pub(crate) fn trace(epoch_seconds: i64) -> String {
    format!("Root=1-{epoch_seconds:08x}-{}", HEXLOWER.encode(&random::<12>()))
}

/// The trace header of an invocation.
pub(crate) fn trace_of_invocation(epoch_seconds: i64, sampled: bool) -> String {
    let parent = HEXLOWER.encode(&random::<8>());
    format!("{};Parent={parent};Sampled={}", trace(epoch_seconds), u8::from(sampled))
}

/// An API Gateway extended request id.
pub(crate) fn extended() -> String {
    format!("{}=", data_encoding::BASE64URL.encode(&random::<9>()))
}

#[expect(clippy::disallowed_methods, reason = "these ids guard nothing and no test foretells them")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without entropy the functions cannot run either; ids of zeros then only spoil the logs.
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::warn!(%error, "no entropy for a request id");
    }
    bytes
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_request_id_is_a_version_4_uuid() {
        let id = super::uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
    }
}
