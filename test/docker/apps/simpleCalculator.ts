import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFiles } from '../../harness/builds.ts'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

const example = 'usr/share/doc/libdancer2-perl/examples/single/simple_calculator.psgi'

/** An example of Dancer2's authors, by Debian's modules; then by metadata that take it from the installed package. */
export const simpleCalculator: App = {
  name: 'calculator',
  async tree(folder) {
    await using debian = await unpackDebian('libdancer2-perl')
    await cp(join(debian.root, example), join(folder, 'app.psgi'))
    await writeFiles(folder, { 'berth.yaml': 'build:\n  packages: [libdancer2-perl]\n' })
  },
  builds: /Perl app detected/,
  ways: [
    'git push',
    {
      metadata: `os: { Debian: { packages: [libdancer2-perl] } }
interpreter: { type: perl, versions: ["5"] }
repository:
  clone: install -D -m 644 /${example} %destination%/app.psgi
  update: install -m 644 /${example} app.psgi
`,
    },
  ],
  async serves(site) {
    assert.match((await site.visit('/')).body, /Welcome to simple calculator, powered by Dancer2/)
    assert.equal((await site.visit('/add/20/22')).body, '42')
    assert.equal((await site.visit('/multiply?x=6&y=7')).body, '42')
    assert.equal((await site.visit('/division', { x: '85', y: '2' })).body, '42')
  },
}
