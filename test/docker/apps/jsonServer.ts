import assert from 'node:assert/strict'
import { writeFiles } from '../../harness/builds.ts'
import type { App } from './app.ts'

export const jsonServer: App = {
  name: 'json-server',
  tree: (folder) =>
    writeFiles(folder, {
      'package.json': JSON.stringify({
        private: true,
        scripts: { start: 'json-server --host 0.0.0.0 --port $PORT db.json' },
        dependencies: { 'json-server': '0.17.4' },
      }),
      'db.json': JSON.stringify({ ships: [{ id: 1, name: 'Beagle' }] }),
    }),
  builds: /Node\.js app detected/,
  ways: ['folder', 'repository'],
  async serves(site) {
    assert.match((await site.visit('/')).body, /<title>JSON Server<\/title>/)
    assert.deepEqual(JSON.parse((await site.visit('/ships?name=Beagle')).body), [{ id: 1, name: 'Beagle' }])
    assert.match((await site.visit('/ships', { name: 'Endurance' })).body, /Endurance/)
  },
}
