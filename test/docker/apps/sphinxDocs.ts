import assert from 'node:assert/strict'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

const html = 'usr/share/doc/python-click-doc/html'

/** What Sphinx has made of the manual of Click, with the scripts that its links point to. */
export const sphinxDocs: App = {
  name: 'manual',
  async tree(folder) {
    await using debian = await unpackDebian('python-click-doc', 'libjs-sphinxdoc', 'libjs-jquery', 'libjs-underscore')
    await debian.copyTo(html, folder)
    assert.deepEqual(await debian.changedIn('python-click-doc', html, folder), [])
  },
  builds: /Static site app detected/,
  ways: ['git push', 'zip file'],
  async serves(site) {
    assert.match((await site.visit('/')).body, /<title>Welcome to Click/)
    assert.match((await site.visit('/options')).body, /Choice Options/)
    assert.match((await site.visit('/_static/doctools.js')).body, /for all Sphinx HTML documentation/)
    assert.equal((await site.visit('/no-such-page')).status, 404)
  },
}
