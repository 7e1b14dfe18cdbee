use tokio::sync::mpsc::unbounded_channel;

use super::*;

#[test]
fn a_connection_that_carried_rpcs_is_counted_once() {
    let (sender, mut changes) = unbounded_channel();
    let connection = Connection::new(Box::new(tokio::io::duplex(1).0), sender);
    let tracker = connection.connect_info();
    tracker.carried_rpc();
    tracker.carried_rpc();
    assert_eq!(changes.try_recv(), Ok(Change::Connected));
    assert!(changes.try_recv().is_err());
    drop(connection);
    assert_eq!(changes.try_recv(), Ok(Change::Disconnected));
    tracker.carried_rpc();
    assert!(changes.try_recv().is_err());
}

#[test]
fn a_connection_without_an_rpc_is_never_counted() {
    let (sender, mut changes) = unbounded_channel();
    let connection = Connection::new(Box::new(tokio::io::duplex(1).0), sender);
    let tracker = connection.connect_info();
    drop(connection);
    tracker.carried_rpc();
    assert!(changes.try_recv().is_err());
}
