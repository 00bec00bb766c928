import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Refusal } from '../model/refusal.ts'
import { configFrom } from './config.ts'
import { configMarkdown } from './reference.ts'

function fileWith(t: TestContext, text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'berth-config-'))
  t.after(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'berth.yaml'), text)
  return join(dir, 'berth.yaml')
}

test('docs/config.md is what the schema says (npm run docs prints it)', () => {
  assert.equal(readFileSync('docs/config.md', 'utf8'), configMarkdown())
})

test('defaults where nothing is said', () => {
  const config = configFrom({ BERTH_CONFIG: '/nonexistent' })
  assert.equal(config.dataDir, '/var/lib/berth')
  assert.deepEqual(config.http, { port: 80, tlsPort: 443 })
})

test('the environment goes before the file, the file before the defaults', (t) => {
  const BERTH_CONFIG = fileWith(t, 'http_port: 8080\ndomain: example.com\n')
  const config = configFrom({ BERTH_CONFIG, BERTH_HTTP_PORT: '9090' })
  assert.deepEqual([config.http.port, config.domain, config.api.port], [9090, 'example.com', 7117])
})

test('an empty file says nothing', (t) => {
  assert.equal(configFrom({ BERTH_CONFIG: fileWith(t, '# later\n') }).domain, 'localhost')
})

const wrong: [text: string, says: RegExp][] = [
  ['http_port: 99999\n', /^BERTH_HTTP_PORT: /],
  ['cluster: My Cluster\n', /^BERTH_CLUSTER: /],
  ['- http_port\n', /berth\.yaml: must be a map of settings/],
]

for (const [text, says] of wrong) {
  test(`${JSON.stringify(text)} is refused with its key`, (t) => {
    const BERTH_CONFIG = fileWith(t, text)
    assert.throws(
      () => configFrom({ BERTH_CONFIG }),
      (error) => error instanceof Refusal && error.code === 'INVALID' && says.test(error.message),
    )
  })
}
