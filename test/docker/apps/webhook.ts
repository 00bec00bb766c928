import assert from 'node:assert/strict'
import { writeFiles } from '../../harness/builds.ts'
import { unpackUpstream } from '../../harness/debian.ts'
import type { App } from './app.ts'

const upstream = {
  name: 'webhook',
  version: '2.8.0',
  sha256: 'c521558083f96bcefef16575a6f3f98ac79c0160fd0073be5e76d6645e068398',
}

/** A Go program that brings its modules in vendor/. */
export const webhook: App = {
  name: 'webhook',
  async tree(folder) {
    await unpackUpstream(upstream, folder)
    await writeFiles(folder, {
      'hooks.json': JSON.stringify([greet]),
      Procfile: 'web: webhook -hooks hooks.json -port $PORT -verbose\n',
    })
  },
  builds: /Go app detected/,
  ways: ['git push', 'repository'],
  async serves(site) {
    assert.equal((await site.visit('/')).body, 'OK')
    assert.equal((await site.visit('/hooks/greet?who=Ada')).body.trim(), 'hello Ada')
    assert.equal((await site.visit('/hooks/nothing')).status, 404)
  },
}

const greet = {
  id: 'greet',
  'execute-command': '/bin/echo',
  'include-command-output-in-response': true,
  'pass-arguments-to-command': [
    { source: 'string', name: 'hello' },
    { source: 'url', name: 'who' },
  ],
}
