// Expands patterns with @cloud-copilot/iam-expand: PATTERNS OUT.
import { readFileSync, writeFileSync } from 'node:fs'
import { expandIamActions } from '@cloud-copilot/iam-expand'

const PASSES = 3
const [patternsFile, out] = process.argv.slice(2)
const patterns = JSON.parse(readFileSync(patternsFile, 'utf8'))
const manifest = new URL('node_modules/@cloud-copilot/iam-expand/package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8'))

const all = await expandIamActions('*', { expandAsterisk: true })
let seconds = Infinity
let results
for (let pass = 0; pass < PASSES; pass++) {
  const start = performance.now()
  results = []
  for (const pattern of patterns) {
    results.push(await expandIamActions(pattern, { expandAsterisk: true, expandServiceAsterisk: true }))
  }
  seconds = Math.min(seconds, (performance.now() - start) / 1000)
}

const expanded = Object.fromEntries(patterns.map((pattern, at) => [pattern, results[at]]))
writeFileSync(out, JSON.stringify({ name: `iam-expand ${version}`, seconds, all, expanded }))
