"""Deploys the templates to moto, and judges what stands there: the table, the roles, every grant as it was resolved.

moto looks at no condition of a grant, so these are decided by the policy engine of the program that ALPHA names."""

import json
import os
import pathlib
import subprocess
import sys
import unittest
import warnings

import boto3
from botocore.config import Config
from cfnlint.decode import cfn_yaml

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = os.environ.get("ALPHA", str(HERE.parent / "target" / "debug" / "alpha"))
ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
GUARDRAIL = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:guardrail/abcdef123456"
MEMBER = "arn:aws:iam::210987654321:role/alpha-service/member"
OPERATOR = f"{IAM}:user/operator"
TAGGED = {"aws:ResourceTag/alpha-scope": "narrow"}
FOREIGN = {"iam:PermissionsBoundary": f"{IAM}:policy/org"}
CANARY = {"iam:PermissionsBoundary": f"{IAM}:policy/alpha/alpha-canary-1"}


def template(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cfn_yaml.load(str(HERE / name))


class Emulator:
    """moto in a process of its own, which ends with this one whatever happens."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", HERE / "emulator.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        return self

    def client(self, service):
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


class Stack:
    """A template as it was deployed: its outputs, and the documents of its managed policies by their names in it."""

    def __init__(self, emulator, file, **said):
        # moto doesn't split a list that is a default.
        slots = template(file)["Parameters"].items()
        values = {name: str(slot["Default"]) for name, slot in slots if "Default" in slot} | said
        cloudformation = emulator.client("cloudformation")
        name = pathlib.Path(file).stem
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=(HERE / file).read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        listed = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
        self.made = {row["LogicalResourceId"]: row["PhysicalResourceId"] for row in listed}
        self.iam = emulator.client("iam")
        arns = {name: physical for name, physical in self.made.items() if ":policy/" in physical}
        self.policies = {name: self.document(arn) for name, arn in arns.items()}

    def document(self, arn):
        version = self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return self.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    def attached(self, role):
        """The names, within the template, of what a role of it is granted."""
        attached = self.iam.list_attached_role_policies(RoleName=self.made[role])["AttachedPolicies"]
        arns = {policy["PolicyArn"] for policy in attached}
        return {name for name, physical in self.made.items() if physical in arns}

    def trust(self, role):
        return self.iam.get_role(RoleName=self.made[role])["Role"]["AssumeRolePolicyDocument"]


def decide(policies, principal, cases):
    """What the policy engine says to each (action, resource, context)."""
    lines = [
        {
            "id": number,
            "request": {"action": action, "principal": principal, "resource": resource, "context": context},
            "identityPolicies": policies,
        }
        for number, (action, resource, context) in enumerate(cases)
    ]
    answers = subprocess.run(
        [PROGRAM, "policy", "evaluate", "--jsonl"],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line)["decision"] for line in answers.stdout.splitlines()]


class Deployed(unittest.TestCase):
    """Everything switched on, in one account."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.emulator = cls.enterClassContext(Emulator())
        ec2 = cls.emulator.client("ec2")
        [vpc] = [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
        subnets = ",".join(subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2])
        certificate = cls.emulator.client("acm").request_certificate(DomainName="alpha.example.com")
        trail = {"TrailBucket": "trail", "TrailKeyArn": KEY, "TrailLogGroup": "trail"}
        cls.bot = Stack(
            cls.emulator,
            "alpha.yaml",
            ImageTag="1",
            VpcId=vpc,
            LoadBalancerSubnets=subnets,
            TaskSubnets=subnets,
            CertificateArn=certificate["CertificateArn"],
            GuardrailArn=GUARDRAIL,
            MemberRoles=MEMBER,
            Operators=OPERATOR,
            **trail,
        )
        cls.member = Stack(
            cls.emulator,
            "member.yaml",
            BotRoleArn=cls.bot.outputs["BotRoleArn"],
            ExternalId="0123456789abcdef",
            **trail,
        )

    def decides(self, expected, cases):
        """For the bot in its own account and for its member role alike."""
        for stack, role in ((self.bot, "BotRole"), (self.member, "MemberRole")):
            policies = [stack.policies[name] for name in sorted(stack.attached(role))]
            here = [(action, stack.outputs.get(resource, resource), context) for action, resource, context in cases]
            found = decide(policies, stack.outputs[f"{role}Arn"], here)
            self.assertEqual([(case, expected) for case in here], list(zip(here, found)))

    def test_the_table_is_as_the_store_needs_it(self):
        dynamodb = self.emulator.client("dynamodb")
        table = dynamodb.describe_table(TableName=self.bot.outputs["TableName"])["Table"]
        keys = lambda schema: [(key["AttributeName"], key["KeyType"]) for key in schema]  # noqa: E731
        self.assertEqual([("pk", "HASH"), ("sk", "RANGE")], keys(table["KeySchema"]))
        self.assertEqual({"S"}, {attribute["AttributeType"] for attribute in table["AttributeDefinitions"]})
        self.assertEqual(
            {
                name: ([(of, "HASH"), (by, "RANGE")], {"ProjectionType": "KEYS_ONLY"})
                for name, of, by in (
                    ("due", "due_pk", "due_sk"),
                    ("held", "lease_owner", "lease_until"),
                    ("state", "state_pk", "state_sk"),
                )
            },
            {
                index["IndexName"]: (keys(index["KeySchema"]), index["Projection"])
                for index in table["GlobalSecondaryIndexes"]
            },
        )
        self.assertEqual("PAY_PER_REQUEST", table["BillingModeSummary"]["BillingMode"])
        self.assertTrue(table["DeletionProtectionEnabled"])
        # moto's CloudFormation passes these by, so that there is only what the template says.
        said = template("alpha.yaml")["Resources"]["Table"]["Properties"]
        self.assertEqual({"AttributeName": "expires", "Enabled": True}, said["TimeToLiveSpecification"])
        self.assertEqual({"PointInTimeRecoveryEnabled": True}, said["PointInTimeRecoverySpecification"])
        self.assertEqual({"SSEEnabled": True}, said["SSESpecification"])

    def test_each_role_is_granted_what_is_meant_for_it_and_can_be_assumed_by_nobody_else(self):
        trail = {"TrailFilesPolicy", "TrailKeyPolicy", "TrailLogPolicy"}
        service = {"StorePolicy", "ModelPolicy", "GuardrailPolicy", "MembersPolicy"}
        self.assertEqual({"ReadPolicy", "WritePolicy"} | trail | service, self.bot.attached("BotRole"))
        self.assertEqual({"ReadPolicy", "WritePolicy"} | trail, self.member.attached("MemberRole"))
        self.assertEqual({"ExecutionPolicy"}, self.bot.attached("ExecutionRole"))
        for stack in (self.bot, self.member):
            self.assertEqual({"EvidencePolicy", "TrailKeyPolicy"}, stack.attached("EvidenceRole"))
            [statement] = stack.trust("EvidenceRole")["Statement"]
            self.assertEqual({"Service": "access-analyzer.amazonaws.com"}, statement["Principal"])
        operators = {"Effect": "Allow", "Principal": {"AWS": [OPERATOR]}, "Action": ["sts:AssumeRole"]}
        for role, others in (("BotRole", [operators]), ("ExecutionRole", [])):
            statement, *rest = self.bot.trust(role)["Statement"]
            self.assertEqual({"Service": "ecs-tasks.amazonaws.com"}, statement["Principal"])
            self.assertEqual({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, statement["Condition"])
            self.assertEqual(others, rest)
        [statement] = self.member.trust("MemberRole")["Statement"]
        self.assertEqual({"AWS": self.bot.outputs["BotRoleArn"]}, statement["Principal"])
        self.assertEqual({"StringEquals": {"sts:ExternalId": "0123456789abcdef"}}, statement["Condition"])

    def test_every_policy_is_one_that_iam_takes(self):
        for stack in (self.bot, self.member):
            for name, document in stack.policies.items():
                with self.subTest(name):
                    text = json.dumps(document)
                    self.assertLessEqual(len("".join(text.split())), 6144)
                    judged = subprocess.run(
                        [PROGRAM, "policy", "validate", "--type", "identity", "--output", "json", "-"],
                        input=text,
                        capture_output=True,
                        text=True,
                    )
                    findings = [finding for file in json.loads(judged.stdout) for finding in file["findings"]]
                    self.assertEqual([], findings)

    def test_a_member_role_may_do_what_the_bot_may_do_at_home(self):
        def of(stack, name):
            # The evidence role is each account's own.
            return json.loads(json.dumps(stack.policies[name]).replace(stack.outputs["EvidenceRoleArn"], "EVIDENCE"))

        for name in self.member.policies:
            with self.subTest(name):
                self.assertEqual(of(self.bot, name), of(self.member, name))

    def test_roles_in_reach_can_be_narrowed_and_put_back(self):
        role = f"{IAM}:role/app/web"
        attached = TAGGED | {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
        self.decides(
            "Allowed",
            [
                ("iam:PutRolePolicy", role, TAGGED),
                ("iam:DeleteRolePolicy", role, TAGGED),
                ("iam:DetachRolePolicy", role, attached),
                ("iam:AttachRolePolicy", role, attached),
                ("iam:PutRolePermissionsBoundary", role, TAGGED | CANARY),
                ("iam:PutRolePermissionsBoundary", role, TAGGED | FOREIGN),
                ("iam:DeleteRolePermissionsBoundary", role, TAGGED | CANARY),
                ("iam:CreatePolicy", CANARY["iam:PermissionsBoundary"], {}),
                ("iam:DeletePolicy", CANARY["iam:PermissionsBoundary"], {}),
                ("iam:PassRole", "EvidenceRoleArn", {"iam:PassedToService": "access-analyzer.amazonaws.com"}),
            ],
        )

    def test_roles_out_of_reach_are_left_alone(self):
        writes = {
            "iam:PutRolePolicy": {},
            "iam:DeleteRolePolicy": {},
            "iam:AttachRolePolicy": {"iam:PolicyARN": f"{IAM}:policy/app"},
            "iam:DetachRolePolicy": {"iam:PolicyARN": f"{IAM}:policy/app"},
            "iam:PutRolePermissionsBoundary": CANARY,
            "iam:DeleteRolePermissionsBoundary": CANARY,
        }
        untagged = {"aws:ResourceTag/alpha-scope": "other"}
        for tags in (untagged, {}):
            cases = [(action, f"{IAM}:role/app/web", more | tags) for action, more in writes.items()]
            self.decides("ImplicitlyDenied", cases)
        for never in (
            "alpha-service/alpha-BotRole-1",
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
            "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            "OrganizationAccountAccessRole",
        ):
            cases = [(action, f"{IAM}:role/{never}", more | TAGGED) for action, more in writes.items()]
            self.decides("ExplicitlyDenied", cases)

    def test_what_narrowing_a_role_never_needs_is_refused(self):
        role = f"{IAM}:role/app/web"
        never = ("CreateRole", "TagRole", "UntagRole", "UpdateAssumeRolePolicy")
        self.decides("ExplicitlyDenied", [(f"iam:{action}", role, TAGGED) for action in never])
        self.decides(
            "ImplicitlyDenied",
            [
                ("iam:DeleteRolePermissionsBoundary", role, TAGGED | FOREIGN),
                ("iam:CreatePolicy", f"{IAM}:policy/app", {}),
                ("iam:DeletePolicy", f"{IAM}:policy/alpha-service/alpha-WritePolicy-1", {}),
                ("iam:PassRole", "EvidenceRoleArn", {"iam:PassedToService": "lambda.amazonaws.com"}),
                ("iam:PassRole", role, {"iam:PassedToService": "access-analyzer.amazonaws.com"}),
                ("iam:CreatePolicyVersion", CANARY["iam:PermissionsBoundary"], {}),
                ("iam:DeleteRole", role, TAGGED),
                ("sts:AssumeRole", role, {}),
            ],
        )


class Limited(unittest.TestCase):
    """Nothing switched on, and reach by path instead of by tag."""

    def test_what_is_not_there_is_not_granted(self):
        with Emulator() as emulator:
            bot = Stack(
                emulator,
                "alpha.yaml",
                WithService="false",
                RoleTag="",
                WritableRoles=f"{IAM}:role/app/*,{IAM}:role/batch/*",
                RestorablePolicies=f"{IAM}:policy/app/*",
                RestorableBoundaries=f"{IAM}:policy/app/*",
            )
            self.assertEqual({"StorePolicy", "ReadPolicy", "WritePolicy", "ModelPolicy"}, set(bot.policies))
            administrator = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}
            expected = [
                ("Allowed", "iam:PutRolePolicy", "role/batch/nightly", {}),
                ("ImplicitlyDenied", "iam:PutRolePolicy", "role/web", {}),
                ("Allowed", "iam:DetachRolePolicy", "role/app/web", {"iam:PolicyARN": f"{IAM}:policy/app/web"}),
                ("Allowed", "iam:AttachRolePolicy", "role/app/web", {"iam:PolicyARN": f"{IAM}:policy/alpha/1"}),
                ("ImplicitlyDenied", "iam:AttachRolePolicy", "role/app/web", administrator),
                ("Allowed", "iam:PutRolePermissionsBoundary", "role/app/web", CANARY),
                ("ImplicitlyDenied", "iam:PutRolePermissionsBoundary", "role/app/web", FOREIGN),
            ]
            found = decide(
                [bot.policies["WritePolicy"]],
                bot.outputs["BotRoleArn"],
                [(action, f"{IAM}:{resource}", context) for _, action, resource, context in expected],
            )
            self.assertEqual([case[0] for case in expected], found)


if __name__ == "__main__":
    unittest.main(verbosity=2)
