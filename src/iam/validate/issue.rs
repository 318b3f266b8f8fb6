//! Every check by the code that Access Analyzer gives it, with its type and its place in AWS's documentation.

use std::fmt;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingType {
    /// A part of the policy doesn't work.
    Error,
    /// It allows more than is wise.
    SecurityWarning,
    /// It isn't as it should be.
    Warning,
    /// It could be simpler, with the same effect.
    Suggestion,
}

impl FindingType {
    /// As it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::SecurityWarning => "SECURITY_WARNING",
            Self::Warning => "WARNING",
            Self::Suggestion => "SUGGESTION",
        }
    }

    /// As AWS's documentation names it in its anchors.
    fn anchor(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::SecurityWarning => "security-warning",
            Self::Warning => "general-warning",
            Self::Suggestion => "suggestion",
        }
    }
}

impl fmt::Display for FindingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! issues {
    ($($weight:ident { $($name:ident = $code:literal,)+ })+) => {
        /// What can be found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is named by its code, and explained where AWS explains it")]
        pub enum Issue { $($($name,)+)+ }

        impl Issue {
            /// All of them.
            pub const ALL: &[Self] = &[$($(Self::$name,)+)+];

            /// Access Analyzer's code.
            pub fn code(self) -> &'static str {
                match self { $($(Self::$name => $code,)+)+ }
            }

            /// How much it weighs.
            pub fn weight(self) -> FindingType {
                match self { $($(Self::$name => FindingType::$weight,)+)+ }
            }
        }
    };
}

issues! {
    Error {
        ArnAccountNotAllowed = "ARN_ACCOUNT_NOT_ALLOWED",
        ArnRegionNotAllowed = "ARN_REGION_NOT_ALLOWED",
        DataTypeMismatch = "DATA_TYPE_MISMATCH",
        DuplicateKeysWithDifferentCase = "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        EmptyVariable = "EMPTY_VARIABLE",
        FederatedPrincipalNotSupported = "FEDERATED_PRINCIPAL_NOT_SUPPORTED",
        InvalidAction = "INVALID_ACTION",
        InvalidArnAccount = "INVALID_ARN_ACCOUNT",
        InvalidArnPrefix = "INVALID_ARN_PREFIX",
        InvalidArnRegion = "INVALID_ARN_REGION",
        InvalidArnResource = "INVALID_ARN_RESOURCE",
        InvalidArnServiceCase = "INVALID_ARN_SERVICE_CASE",
        InvalidConditionDataType = "INVALID_CONDITION_DATA_TYPE",
        InvalidConditionKeyFormat = "INVALID_CONDITION_KEY_FORMAT",
        InvalidConditionMultipleBoolean = "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        InvalidConditionOperator = "INVALID_CONDITION_OPERATOR",
        InvalidEffect = "INVALID_EFFECT",
        InvalidFederatedPrincipal = "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
        InvalidGlobalConditionKey = "INVALID_GLOBAL_CONDITION_KEY",
        InvalidPartition = "INVALID_PARTITION",
        InvalidPolicyElement = "INVALID_POLICY_ELEMENT",
        InvalidPrincipalFormat = "INVALID_PRINCIPAL_FORMAT",
        InvalidPrincipalKey = "INVALID_PRINCIPAL_KEY",
        InvalidRegion = "INVALID_REGION",
        InvalidService = "INVALID_SERVICE",
        InvalidServiceConditionKey = "INVALID_SERVICE_CONDITION_KEY",
        InvalidServiceInAction = "INVALID_SERVICE_IN_ACTION",
        InvalidServicePrincipalFormat = "INVALID_SERVICE_PRINCIPAL_FORMAT",
        InvalidVariableForOperator = "INVALID_VARIABLE_FOR_OPERATOR",
        InvalidVersion = "INVALID_VERSION",
        InvalidVpcFormat = "INVALID_VPC_FORMAT",
        InvalidVpceFormat = "INVALID_VPCE_FORMAT",
        JsonSyntaxError = "JSON_SYNTAX_ERROR",
        MismatchedActionForPrincipal = "MISMATCHED_ACTION_FOR_PRINCIPAL",
        MissingAction = "MISSING_ACTION",
        MissingActionForRolesAnywhere = "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY",
        MissingArnAccount = "MISSING_ARN_ACCOUNT",
        MissingArnField = "MISSING_ARN_FIELD",
        MissingArnRegion = "MISSING_ARN_REGION",
        MissingBraceInVariable = "MISSING_BRACE_IN_VARIABLE",
        MissingEffect = "MISSING_EFFECT",
        MissingPrincipal = "MISSING_PRINCIPAL",
        MissingQualifier = "MISSING_QUALIFIER",
        MissingQuoteInVariable = "MISSING_QUOTE_IN_VARIABLE",
        MissingResource = "MISSING_RESOURCE",
        MissingStatement = "MISSING_STATEMENT",
        MissingTagKeyInCondition = "MISSING_TAG_KEY_IN_CONDITION",
        NullWithIfExists = "NULL_WITH_IF_EXISTS",
        PolicySizeExceedsRcpQuota = "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
        PolicySizeExceedsScpQuota = "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
        PrivateIpAddress = "PRIVATE_IP_ADDRESS",
        PrivateNotIpAddress = "PRIVATE_NOT_IP_ADDRESS",
        RcpSyntaxErrorAction = "RCP_SYNTAX_ERROR_ACTION",
        RcpSyntaxErrorAllow = "RCP_SYNTAX_ERROR_ALLOW",
        RcpSyntaxErrorNotAction = "RCP_SYNTAX_ERROR_NOTACTION",
        RcpSyntaxErrorPrincipal = "RCP_SYNTAX_ERROR_PRINCIPAL",
        RoleTrustNotPrincipal = "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
        RoleTrustResource = "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
        RoleTrustWildcardPrincipal = "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        ScpSyntaxErrorActionWildcard = "SCP_SYNTAX_ERROR_ACTION_WILDCARD",
        ScpSyntaxErrorPrincipal = "SCP_SYNTAX_ERROR_PRINCIPAL",
        TypeMismatchIpRange = "TYPE_MISMATCH_IP_RANGE",
        UniqueSidsRequired = "UNIQUE_SIDS_REQUIRED",
        UnsupportedActionForConditionKey = "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        UnsupportedActionInPolicy = "UNSUPPORTED_ACTION_IN_POLICY",
        UnsupportedElementCombination = "UNSUPPORTED_ELEMENT_COMBINATION",
        UnsupportedPrincipal = "UNSUPPORTED_PRINCIPAL",
        UnsupportedResourceArnInPolicy = "UNSUPPORTED_RESOURCE_ARN_IN_POLICY",
        UnsupportedSid = "UNSUPPORTED_SID",
        UnsupportedSpaceInVariable = "UNSUPPORTED_SPACE_IN_VARIABLE",
        UnsupportedWildcardInPrincipal = "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        VariableUnsupportedInElement = "VARIABLE_UNSUPPORTED_IN_ELEMENT",
        VariableUnsupportedInVersion = "VARIABLE_UNSUPPORTED_IN_VERSION",
        WildcardUsageTooPermissive = "WILDCARD_USAGE_TOO_PERMISSIVE",
    }
    SecurityWarning {
        AllowWithNotPrincipal = "ALLOW_WITH_NOT_PRINCIPAL",
        DenyNotActionWithUnsupportedTag = "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        DenyWithUnsupportedTag = "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        DynamoDbAttributesWithoutSelect = "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
        ForAllValuesWithSingleValuedKey = "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        ForAnyValueWithAudience = "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE",
        MissingConditionKeyForOidc = "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
        MissingGithubRepoConditionKey = "MISSING_GITHUB_REPO_CONDITION_KEY",
        MissingPairedConditionKeys = "MISSING_PAIRED_CONDITION_KEYS",
        PassRoleWithNotActionAndNotResource = "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        PassRoleWithNotResource = "PASS_ROLE_WITH_NOT_RESOURCE",
        PassRoleWithStarInActionAndNotResource = "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        PassRoleWithStarInActionAndResource = "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        PassRoleWithStarInResource = "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        PassRoleWithStarInResourceAndNotAction = "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        RestrictAccessToServicePrincipal = "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        S3PrefixInNegativeContext = "S3_PREFIX_IN_NEGATIVE_CONTEXT",
        StringLikeWithArnKeys = "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        UntrustworthyConditionKey = "UNTRUSTWORTHY_CONDITION_KEY",
    }
    Warning {
        CreateSlrWithNotActionAndNotResource = "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        CreateSlrWithNotResource = "CREATE_SLR_WITH_NOT_RESOURCE",
        CreateSlrWithStarInActionAndNotResource = "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        CreateSlrWithStarInActionAndResource = "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
        CreateSlrWithStarInResource = "CREATE_SLR_WITH_STAR_IN_RESOURCE",
        CreateSlrWithStarInResourceAndNotAction = "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        DeprecatedGlobalConditionKey = "DEPRECATED_GLOBAL_CONDITION_KEY",
        InvalidDateValue = "INVALID_DATE_VALUE",
        InvalidRoleReference = "INVALID_ROLE_REFERENCE",
        InvalidUserReference = "INVALID_USER_REFERENCE",
        MissingVersion = "MISSING_VERSION",
        PolicySizeExceedsIdentityPolicyQuota = "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
        PolicySizeExceedsResourcePolicyQuota = "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        PolicySizeExceedsRoleTrustPolicyQuota = "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        RcpMissingPrincipalKey = "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY",
        RcpMissingServicePrincipalKey = "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
        RcpMissingNullCheck = "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
        SpecificGithubRepoRecommended = "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
        TypeMismatch = "TYPE_MISMATCH",
        TypeMismatchBoolean = "TYPE_MISMATCH_BOOLEAN",
        TypeMismatchDate = "TYPE_MISMATCH_DATE",
        TypeMismatchNumber = "TYPE_MISMATCH_NUMBER",
        TypeMismatchString = "TYPE_MISMATCH_STRING",
        UniqueSidsRecommended = "UNIQUE_SIDS_RECOMMENDED",
        WildcardWithoutLikeOperator = "WILDCARD_WITHOUT_LIKE_OPERATOR",
    }
    Suggestion {
        AllowNotActionWithUnsupportedTag = "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        AllowWithUnsupportedTag = "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        EmptyArrayAction = "EMPTY_ARRAY_ACTION",
        EmptyArrayCondition = "EMPTY_ARRAY_CONDITION",
        EmptyArrayConditionForAllValues = "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        EmptyArrayConditionForAnyValue = "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        EmptyArrayConditionIfExists = "EMPTY_ARRAY_CONDITION_IFEXISTS",
        EmptyArrayPrincipal = "EMPTY_ARRAY_PRINCIPAL",
        EmptyArrayResource = "EMPTY_ARRAY_RESOURCE",
        EmptyObjectCondition = "EMPTY_OBJECT_CONDITION",
        EmptyObjectPrincipal = "EMPTY_OBJECT_PRINCIPAL",
        EmptySidValue = "EMPTY_SID_VALUE",
        ImproveIpRange = "IMPROVE_IP_RANGE",
        NullWithQualifier = "NULL_WITH_QUALIFIER",
        PrivateIpAddressSubset = "PRIVATE_IP_ADDRESS_SUBSET",
        PrivateNotIpAddressSubset = "PRIVATE_NOT_IP_ADDRESS_SUBSET",
        RedundantAction = "REDUNDANT_ACTION",
        RedundantConditionValueNum = "REDUNDANT_CONDITION_VALUE_NUM",
        RedundantPrincipalInTrustPolicy = "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
        RedundantResource = "REDUNDANT_RESOURCE",
        RedundantStatement = "REDUNDANT_STATEMENT",
        WildcardInServiceName = "WILDCARD_IN_SERVICE_NAME",
    }
}

impl Issue {
    /// Where AWS's documentation explains it.
    pub fn learn_more(self) -> String {
        const PAGE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html\
                            #access-analyzer-reference-policy-checks";
        let slug = self.code().to_ascii_lowercase().replace('_', "-");
        format!("{PAGE}-{}-{slug}", self.weight().anchor())
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_issue_leads_to_its_place_in_the_documentation() {
        let cases = [
            (Issue::ArnAccountNotAllowed, "-error-arn-account-not-allowed"),
            (Issue::CreateSlrWithNotResource, "-general-warning-create-slr-with-not-resource"),
            (Issue::AllowWithNotPrincipal, "-security-warning-allow-with-not-principal"),
            (Issue::EmptyArrayConditionForAllValues, "-suggestion-empty-array-condition-forallvalues"),
        ];
        for (issue, end) in cases {
            assert!(issue.learn_more().ends_with(end), "{}", issue.learn_more());
        }
    }

    #[test]
    fn no_code_stands_for_two_issues() {
        let codes: std::collections::HashSet<_> = Issue::ALL.iter().map(|issue| issue.code()).collect();
        assert_eq!(codes.len(), Issue::ALL.len());
    }
}
