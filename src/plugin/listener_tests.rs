use super::*;

#[cfg(unix)]
fn place(folder: &std::path::Path, ports: RangeInclusive<u16>) -> Place {
    Place {
        socket_folder: folder.to_owned(),
        ports,
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reaches_the_socket_and_nothing_is_left() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};

    let parent = tempfile::tempdir().unwrap();
    let listener = Listener::bind(&place(parent.path(), 0..=0), false)
        .await
        .unwrap();
    assert_eq!(listener.address().network, "unix");
    let socket = std::path::PathBuf::from(&listener.address().address);
    let folder = socket.parent().unwrap();
    assert_eq!(folder.parent(), Some(parent.path()));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder), mode(&socket)), (0o700, 0o600));
    assert!(socket.metadata().unwrap().file_type().is_socket());

    drop(listener);
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn where_no_socket_can_be_made_a_protected_process_uses_tcp() {
    let parent = tempfile::tempdir().unwrap();
    let too_long = parent.path().join("x".repeat(120));
    std::fs::create_dir(&too_long).unwrap();
    let absent = parent.path().join("absent");
    let barred = parent.path().join("a|b");
    std::fs::create_dir(&barred).unwrap();
    for folder in [&too_long, &absent, &barred] {
        let listener = Listener::bind(&place(folder, 0..=0), true).await.unwrap();
        assert_eq!(listener.address().network, "tcp");
        assert!(listener.address().address.starts_with("127.0.0.1:"));
    }
    assert_eq!(std::fs::read_dir(&too_long).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(&barred).unwrap().count(), 0);

    let refusal = Listener::bind(&place(&absent, 0..=0), false)
        .await
        .unwrap_err();
    assert!(matches!(refusal, ListenError::Unprotected(..)), "{refusal}");
}

#[tokio::test]
async fn the_first_free_port_of_the_range_is_used() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let refusal = Listener::tcp(&(port..=port)).await.unwrap_err();
    assert_eq!(
        refusal.to_string().split(':').next(),
        Some(format!("no TCP port of 127.0.0.1 from {port} to {port} could be used").as_str())
    );

    let range = port..=port.saturating_add(50);
    let listener = Listener::tcp(&range).await.unwrap();
    let (host, used) = listener.address().address.rsplit_once(':').unwrap();
    assert_eq!(host, "127.0.0.1");
    let used: u16 = used.parse().unwrap();
    assert!(range.contains(&used) && used != port, "{used}");
}
