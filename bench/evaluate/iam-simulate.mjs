// npm @cloud-copilot/iam-simulate over the same policies and requests. It has no compiled form: `compiled` is its
// synchronous simulation of policies that are parsed already, without its validation; `parsed` adds JSON.parse.
import fs from 'node:fs'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const [policiesPath, requestsPath, out] = process.argv.slice(2)
const texts = fs.readFileSync(policiesPath, 'utf8').trim().split('\n').map((line) => JSON.stringify(JSON.parse(line).document))
const requests = JSON.parse(fs.readFileSync(requestsPath, 'utf8'))
const policies = texts.map((text) => JSON.parse(text))

function simulate(policy, request) {
  return runUnsafeSimulation(
    {
      request: {
        action: request.action,
        principal: request.principal,
        resource: { resource: request.resource, accountId: '111122223333' },
        contextVariables: request.context
      },
      identityPolicies: [{ name: 'p', policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: []
    },
    {}
  )
}

const letters = { Allowed: 'A', ImplicitlyDenied: 'I', ExplicitlyDenied: 'E' }
fs.writeFileSync(
  out,
  policies.map((policy) => requests.map((request) => letters[simulate(policy, request)] ?? 'x').join('') + '\n').join('')
)

function rate(decide) {
  const start = process.hrtime.bigint()
  const elapsed = () => Number(process.hrtime.bigint() - start) / 1e9
  let count = 0
  while (elapsed() < 3) {
    for (let i = 0; i < 500; i++, count++) decide(count)
  }
  return count / elapsed()
}

const compiled = rate((n) => simulate(policies[Math.floor(n / requests.length) % policies.length], requests[n % requests.length]))
const parsed = rate((n) => simulate(JSON.parse(texts[n % texts.length]), requests[n % requests.length]))
console.log(JSON.stringify({ name: 'npm iam-simulate', compiled, parsed }))
