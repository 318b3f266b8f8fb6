//! Telling a refusal from any other failure, by the error codes that services use.

use super::call::Ending;

/// How a call ended, from `errorCode` and whether there was an `errorMessage`.
pub(super) fn of(code: Option<&str>, message: bool) -> Ending {
    match code {
        Some(code) if is_denial(code) => Ending::Denied(code.to_owned()),
        Some(code) => Ending::Failed(code.to_owned()),
        None if message => Ending::Failed("(no error code)".to_owned()),
        None => Ending::Succeeded,
    }
}

/// Codes that mean a lack of permission: `AccessDenied`, `AccessDeniedException`, `Client.UnauthorizedOperation`,
/// `NotAuthorized`, `AuthorizationError`, ... The part before the last dot names who is at fault, or the service.
fn is_denial(code: &str) -> bool {
    let name = code.rsplit('.').next().unwrap_or(code).to_ascii_lowercase();
    name.contains("accessdenied")
        || name.contains("unauthorized")
        || name.contains("notauthorized")
        || name.starts_with("authorizationerror")
        || name.starts_with("authorizationfail")
        || name.starts_with("forbidden")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_permission_is_told_from_other_errors_in_all_spellings() {
        for code in [
            "AccessDenied",
            "AccessDeniedException",
            "KMS.AccessDeniedException",
            "Client.UnauthorizedOperation",
            "UnauthorizedOperation",
            "UnauthorizedAccess",
            "UnauthorizedException",
            "NotAuthorized",
            "NotAuthorizedException",
            "AuthorizationError",
            "AuthorizationErrorException",
            "ForbiddenException",
            "VpceAccessDenied",
            "accessdenied",
        ] {
            assert_eq!(of(Some(code), true), Ending::Denied(code.to_owned()), "{code}");
        }
        for code in ["NoSuchKey", "ThrottlingException", "Client.DryRunOperation", "ValidationException"] {
            assert_eq!(of(Some(code), true), Ending::Failed(code.to_owned()), "{code}");
        }
        assert_eq!(of(None, false), Ending::Succeeded);
        assert!(matches!(of(None, true), Ending::Failed(_)));
    }
}
