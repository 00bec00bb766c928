import assert from 'node:assert/strict'
import { writeFiles } from '../../harness/builds.ts'
import type { App } from './app.ts'

export const verdaccio: App = {
  name: 'verdaccio',
  tree: (folder) =>
    writeFiles(folder, {
      'package.json': JSON.stringify({
        private: true,
        scripts: { start: 'verdaccio --config ./config.yaml --listen 0.0.0.0:$PORT' },
        dependencies: { verdaccio: '6' },
        // It asks for a tag, and mirrors of the registry may have none.
        overrides: { 'node-fetch': '2' },
      }),
      'config.yaml': config,
      'berth.yaml': 'health: /-/ping\n',
    }),
  builds: /Node\.js app detected/,
  ways: ['git push', 'folder'],
  async serves(site) {
    assert.equal((await site.visit('/-/ping')).body.trim(), '{}')
    assert.match((await site.visit('/')).body, /<title>Harbour packages<\/title>/)
    const { status, body } = await site.visit('/greet')
    assert.deepEqual([status, JSON.parse(body).error], [404, 'no such package available'])
  },
}

/** Without a registry behind it. */
const config = `storage: ./storage
auth: { htpasswd: { file: ./users } }
web: { title: Harbour packages }
packages: { '**': { access: $all, publish: $authenticated } }
log: { type: stdout, format: pretty, level: warn }
`
