import assert from 'node:assert/strict'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

const web = 'usr/share/tomcat10-examples/examples'

export const tomcatExamples: App = {
  name: 'tomcat-examples',
  async tree(folder) {
    await using debian = await unpackDebian(
      'tomcat10-examples',
      'libtaglibs-standard-spec-java',
      'libtaglibs-standard-impl-java',
    )
    await debian.copyTo(web, folder)
    assert.deepEqual(await debian.changedIn('tomcat10-examples', web, folder), [])
  },
  builds: /Java app detected/,
  ways: ['git push', 'zip file'],
  async serves(site) {
    assert.match((await site.visit('/servlets/servlet/HelloWorldExample')).body, /Hello World!/)
    assert.match((await site.visit('/jsp/jsp2/el/basic-arithmetic.jsp')).body, /<td>\s*3\.0\s*<\/td>|Basic Arithmetic/)
    const form = { firstname: 'Ada', lastname: 'Lovelace' }
    assert.match((await site.visit('/servlets/servlet/RequestParamExample', form)).body, /First Name:\s*=?\s*Ada/)
  },
}
