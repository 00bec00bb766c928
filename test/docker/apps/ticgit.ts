import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFiles } from '../../harness/builds.ts'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

/** A Sinatra application of one file, by Debian's gems: tickets that are kept in a branch of a git repository. */
export const ticgit: App = {
  name: 'tickets',
  async tree(folder) {
    await using debian = await unpackDebian('ticgitweb')
    await cp(join(debian.root, 'usr/bin/ticgitweb'), join(folder, 'ticgitweb'))
    assert.deepEqual(await debian.changedIn('ticgitweb', 'usr/bin', folder), [])
    await writeFiles(folder, own)
  },
  builds: /Ruby app detected/,
  ways: ['folder', 'repository'],
  async serves(site) {
    assert.match((await site.visit('/')).body, /<title>/)
    const made = await site.visit('/t/new', { title: 'Mend the net', tags: 'deck, rope', comment: 'before noon' })
    assert.match(made.body, /Mend the net/)
    assert.match((await site.visit('/tag/rope')).body, /Mend the net/)
  },
}

const own = {
  'tickets.sh': `set -e
git init --quiet --initial-branch=master tickets
cd tickets
git config user.name Ada
git config user.email ada@example.com
git commit --quiet --allow-empty --message Begin
ti init < /dev/null
`,
  'berth.yaml': `build:
  runtime: ruby
  packages: [git, ruby-haml, ruby-sass, ruby-sinatra, ticgit]
  command: sh tickets.sh
processes:
  web: cd tickets && exec ruby ../ticgitweb -o 0.0.0.0 -p $PORT -e production
`,
}
