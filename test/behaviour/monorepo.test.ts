import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { output } from '../../src/lib/exec.ts'
import { setPaths } from '../../src/server/store/sources.ts'
import { type GitPlace, gitPlace, succeed } from '../harness/gitFront.ts'

let place: GitPlace
before(async () => {
  place = await gitPlace()
})
after(() => place[Symbol.asyncDispose]())

test('a push builds the folder of the app only, and what is not watched is stored', async () => {
  const ada = await place.person('ada', 'staff')
  const app = await place.app('stock', 'staff')
  await place.store.write('apps', (tx) => setPaths(tx, app.id, { folder: 'services/api' }))
  const folder = await place.folder('work')
  for (const name of ['services/api', 'docs']) await mkdir(join(folder.path, name), { recursive: true })
  let files = ''
  place.deployer.deploy = async (operation) => {
    files = await output(['tar', '-tf', join(place.dir, 'data', 'builds', operation.id, 'source.tar')])
    return undefined
  }
  const push = () => place.git(folder.path, ['push', place.sshUrl('stock'), 'main'], ada)

  await folder.commit({ 'services/api/index.js': '1', 'docs/a': '1', 'berth.yaml': 'helth: not looked at\n' })
  const first = await push()
  assert.equal(first.code, 0, first.stderr)
  assert.deepEqual(files.trim().split('\n'), ['index.js'])

  const deployed = place.deployer.deployed.length
  const docs = await folder.commit({ 'docs/a': '2' })
  const second = await push()
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stderr, /Stored, and not deployed: nothing that stock watches changed \(services\/api\/\*\*\)/)
  assert.equal(place.deployer.deployed.length, deployed)
  const stored = await output(['git', '--git-dir', join(place.dir, 'data/git/stock.git'), 'rev-parse', 'main'])
  assert.equal(stored.trim(), docs)

  await place.store.write('apps', (tx) => setPaths(tx, app.id, { watch: ['services/api/**', 'lib/**'] }))
  await mkdir(join(folder.path, 'lib'))
  await folder.commit({ 'lib/shared.js': '1' })
  assert.equal((await push()).code, 0)
  assert.equal(place.deployer.deployed.length, deployed + 1)

  await folder.commit({ 'services/api/berth.yaml': 'helth: 1\n' })
  const wrong = await push()
  assert.notEqual(wrong.code, 0)
  assert.match(wrong.stderr, /berth\.yaml:1:1: unknown key "helth"/)

  await place.store.write('apps', (tx) => setPaths(tx, app.id, { folder: 'services/gone' }))
  await folder.commit({ 'lib/shared.js': '2' })
  assert.match((await push()).stderr, /there is no folder services\/gone/)
  place.deployer.deploy = succeed
})
