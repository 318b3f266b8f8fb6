//! What the roles of an account are asked and told.

use crate::aws::calls::{Call, Need, On};

const fn call(operation: &'static str, needs: &'static [Need]) -> Call {
    Call { service: "IAM", operation, needs }
}

pub(super) const GET_ROLE: Call = call("GetRole", &[Need { action: "iam:GetRole", on: On::Roles }]);
pub(super) const LIST_ROLES: Call = call("ListRoles", &[Need { action: "iam:ListRoles", on: On::Anything }]);
pub(super) const LIST_ROLE_POLICIES: Call =
    call("ListRolePolicies", &[Need { action: "iam:ListRolePolicies", on: On::Roles }]);
pub(super) const GET_ROLE_POLICY: Call =
    call("GetRolePolicy", &[Need { action: "iam:GetRolePolicy", on: On::Roles }]);
pub(super) const LIST_ATTACHED: Call =
    call("ListAttachedRolePolicies", &[Need { action: "iam:ListAttachedRolePolicies", on: On::Roles }]);
pub(super) const GET_POLICY: Call = call("GetPolicy", &[Need { action: "iam:GetPolicy", on: On::Policies }]);
pub(super) const GET_POLICY_VERSION: Call =
    call("GetPolicyVersion", &[Need { action: "iam:GetPolicyVersion", on: On::Policies }]);

pub(super) const PUT_ROLE_POLICY: Call =
    call("PutRolePolicy", &[Need { action: "iam:PutRolePolicy", on: On::RolesInScope }]);
pub(super) const DELETE_ROLE_POLICY: Call =
    call("DeleteRolePolicy", &[Need { action: "iam:DeleteRolePolicy", on: On::RolesInScope }]);
pub(super) const ATTACH: Call =
    call("AttachRolePolicy", &[Need { action: "iam:AttachRolePolicy", on: On::RolesInScope }]);
pub(super) const DETACH: Call =
    call("DetachRolePolicy", &[Need { action: "iam:DetachRolePolicy", on: On::RolesInScope }]);
pub(super) const PUT_BOUNDARY: Call = call(
    "PutRolePermissionsBoundary",
    &[Need { action: "iam:PutRolePermissionsBoundary", on: On::RolesInScope }],
);
pub(super) const DELETE_BOUNDARY: Call = call(
    "DeleteRolePermissionsBoundary",
    &[Need { action: "iam:DeleteRolePermissionsBoundary", on: On::RolesInScope }],
);

pub(super) const CREATE_POLICY: Call =
    call("CreatePolicy", &[Need { action: "iam:CreatePolicy", on: On::OwnPolicies }]);
pub(super) const DELETE_POLICY: Call =
    call("DeletePolicy", &[Need { action: "iam:DeletePolicy", on: On::OwnPolicies }]);
pub(super) const LIST_POLICY_VERSIONS: Call =
    call("ListPolicyVersions", &[Need { action: "iam:ListPolicyVersions", on: On::OwnPolicies }]);
pub(super) const DELETE_POLICY_VERSION: Call =
    call("DeletePolicyVersion", &[Need { action: "iam:DeletePolicyVersion", on: On::OwnPolicies }]);

/// All of them.
pub const CALLS: &[Call] = &[
    GET_ROLE,
    LIST_ROLES,
    LIST_ROLE_POLICIES,
    GET_ROLE_POLICY,
    LIST_ATTACHED,
    GET_POLICY,
    GET_POLICY_VERSION,
    PUT_ROLE_POLICY,
    DELETE_ROLE_POLICY,
    ATTACH,
    DETACH,
    PUT_BOUNDARY,
    DELETE_BOUNDARY,
    CREATE_POLICY,
    DELETE_POLICY,
    LIST_POLICY_VERSIONS,
    DELETE_POLICY_VERSION,
];
