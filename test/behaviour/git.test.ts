import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { type GitPlace, gitPlace, type Person } from '../harness/gitFront.ts'

let place: GitPlace
let ada: Person

before(async () => {
  place = await gitPlace()
  ada = await place.person('ada', 'writers')
})

after(() => place[Symbol.asyncDispose]())

test('a push is deployed, and a second one too', async () => {
  await place.app('blog', 'writers')
  const folder = await place.folder('blog')
  await folder.commit({ 'index.html': 'one' }, 'First words')
  const push = await place.git(folder.path, ['push', place.sshUrl('blog'), 'main'], ada)
  assert.equal(push.code, 0)
})
