// Random small cases, decided by ALPHA and by npm @cloud-copilot/iam-simulate: prints every class of difference.
// `node differences.mjs ALPHA [COUNT] [SEED]`, from the folder that `run` prepares (it holds the npm package).
import { spawnSync } from 'node:child_process'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const [alpha, count = '2000', seed = '1'] = process.argv.slice(2)
let state = Number(seed) || 1
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
const pick = (list) => list[Math.floor(random() * list.length)]
const some = (list) => [pick(list), ...(random() < 0.3 ? [pick(list)] : [])]
const maybe = (chance, make) => (random() < chance ? make() : undefined)

const A = '111122223333'
const B = '444455556666'
const callers = [`arn:aws:iam::${A}:user/ana`, `arn:aws:sts::${A}:assumed-role/web/s1`, `arn:aws:iam::${A}:role/web`, `arn:aws:sts::${A}:federated-user/bob`, 'lambda.amazonaws.com']
const named = ['*', A, `arn:aws:iam::${A}:root`, `arn:aws:iam::${A}:user/ana`, `arn:aws:iam::${A}:role/web`, `arn:aws:sts::${A}:assumed-role/web/s1`, B]
const requests = [
  ['s3:GetObject', 'arn:aws:s3:::b/k'],
  ['s3:GetObject', 'arn:aws:s3:::b/*'],
  ['s3:ListAllMyBuckets', '*'],
  ['sqs:SendMessage', `arn:aws:sqs:eu-west-1:${A}:q`],
  ['kms:Decrypt', `arn:aws:kms:eu-west-1:${A}:key/1`],
  ['iam:DeleteRole', `arn:aws:iam::${A}:role/aws-reserved/x`]
]
const actions = ['*', 's3:*', 's3:Get*', 's3:List*', 'sqs:*', 'kms:*', 'iam:*', 'ec2:*']
const resources = ['*', 'arn:aws:s3:::*', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/k', 'arn:aws:s3:::${aws:PrincipalTag/team}/*', `arn:aws:sqs:*:${A}:*`, 'arn:aws:iam::*:role/*']
const conditions = [
  { StringEquals: { 'aws:PrincipalTag/team': ['b', 'red'] } },
  { StringNotEquals: { 'aws:PrincipalTag/team': 'b' } },
  { StringLikeIfExists: { 'aws:PrincipalTag/team': 'r*' } },
  { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  { Bool: { 'aws:SecureTransport': 'true' } },
  { Null: { 'aws:PrincipalTag/team': 'true' } },
  { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } },
  { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'a*' } },
  { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${A}:*` } },
  { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }
]
const circumstances = () => {
  const context = {}
  if (random() < 0.7) context['aws:PrincipalTag/team'] = pick(['b', 'red', 'blue'])
  if (random() < 0.7) context['aws:SourceIp'] = pick(['10.1.2.3', '11.1.2.3'])
  if (random() < 0.7) context['aws:SecureTransport'] = pick(['true', 'false'])
  if (random() < 0.5) context['aws:TagKeys'] = some(['a', 'ab', 'c'])
  if (random() < 0.5) context['aws:PrincipalArn'] = pick(callers)
  if (random() < 0.5) context['aws:CurrentTime'] = pick(['2019-06-01T00:00:00Z', '2026-06-01T00:00:00Z'])
  return context
}
const statement = (principal) => ({
  Effect: random() < 0.75 ? 'Allow' : 'Deny',
  ...(principal ? { Principal: pick(['*', { AWS: some(named) }, { AWS: pick(named) }, { Service: 'lambda.amazonaws.com' }]) } : {}),
  [random() < 0.85 ? 'Action' : 'NotAction']: some(actions),
  [random() < 0.85 ? 'Resource' : 'NotResource']: some(resources),
  ...(random() < 0.4 ? { Condition: pick(conditions) } : {})
})
const document = (principal) => ({ Version: '2012-10-17', Statement: [statement(principal), ...(random() < 0.4 ? [statement(principal)] : [])] })

const cases = Array.from({ length: Number(count) }, (_, id) => {
  const [action, resource] = pick(requests)
  const principal = pick(callers)
  const service = principal.endsWith('.com')
  return {
    id,
    request: { action, resource, principal, resourceAccount: random() < 0.8 ? A : B, context: circumstances() },
    identityPolicies: service ? [] : Array.from({ length: Math.floor(random() * 3) }, () => document(false)),
    resourcePolicies: maybe(0.6, () => [document(true)]),
    permissionBoundaries: service ? undefined : maybe(0.25, () => [document(false)]),
    serviceControlPolicies: service ? undefined : maybe(0.25, () => [{ name: 'root', policies: [document(false)] }])
  }
})

async function theirs(c) {
  const name = (documents) => documents?.map((policy, i) => ({ name: `p${i}`, policy }))
  const simulation = {
    request: { ...c.request, resource: { resource: c.request.resource, accountId: c.request.resourceAccount }, contextVariables: c.request.context },
    identityPolicies: name(c.identityPolicies),
    resourcePolicy: c.resourcePolicies?.[0],
    permissionBoundaryPolicies: name(c.permissionBoundaries),
    serviceControlPolicies: (c.serviceControlPolicies ?? []).map((l) => ({ orgIdentifier: l.name, policies: name(l.policies) })),
    resourceControlPolicies: []
  }
  const result = await runSimulation(simulation, {})
  return result.resultType === 'error' ? undefined : result.overallResult
}

const { stdout } = spawnSync(alpha, ['policy', 'evaluate', '--jsonl'], { input: cases.map((c) => JSON.stringify(c)).join('\n'), maxBuffer: 2 ** 30 })
const ours = stdout.toString().trim().split('\n').map((line) => JSON.parse(line))
const classes = new Map()
let [same, refused] = [0, 0]
for (const [i, c] of cases.entries()) {
  const decision = await theirs(c)
  if (decision === undefined) refused++
  else if (decision === ours[i].decision) same++
  else {
    const key = [c.request.action, c.request.resource, c.request.principal, `ours ${ours[i].decision}`, `theirs ${decision}`].join(' | ')
    classes.set(key, [...(classes.get(key) ?? []), c])
  }
}
console.log(`${same} the same, ${refused} refused by iam-simulate, ${Number(count) - same - refused} different`)
for (const [key, list] of classes) console.log(`${list.length} x ${key}\n   ${JSON.stringify(list[0])}`)
