//! Nothing is called that isn't in an adapter's table.

use alpha::aws::accounts;
use alpha::aws::calls::OnlyKnown;

use crate::support::emulator::{emulator, sdk};

#[tokio::test]
async fn a_call_that_is_in_no_table_never_reaches_the_wire() {
    let wire = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    wire.set_nonblocking(true).unwrap();
    let sdk = sdk(&format!("http://{}", wire.local_addr().unwrap())).await;
    let config = aws_sdk_sts::config::Builder::from(&sdk).interceptor(OnlyKnown(accounts::CALLS)).build();
    let sts = aws_sdk_sts::Client::from_conf(config);
    let refused = sts.get_session_token().send().await.unwrap_err();
    let why = format!("{refused:?}");
    assert!(why.contains("UnknownCall(\"STS.GetSessionToken\")"), "{why}");
    assert_eq!(wire.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_call_that_is_in_the_table_is_made() {
    let sdk = emulator().sdk().await;
    let config = aws_sdk_sts::config::Builder::from(&sdk).interceptor(OnlyKnown(accounts::CALLS)).build();
    let sts = aws_sdk_sts::Client::from_conf(config);
    let assumed =
        sts.assume_role().role_arn("arn:aws:iam::123456789012:role/x").role_session_name("s").send().await;
    assert!(assumed.is_ok(), "{assumed:?}");
}
