import assert from 'node:assert/strict'
import test from 'node:test'
import { Refusal } from '../../model/refusal.ts'
import { parseUpdates, planPush } from './planPush.ts'

const zero = '0'.repeat(40)
const one = '1'.repeat(40)
const two = '2'.repeat(40)

const created = (ref: string) => ({ ref, from: zero, to: one })
const changed = (ref: string) => ({ ref, from: one, to: two })
const deleted = (ref: string) => ({ ref, from: one, to: zero })
const head = (name: string) => `refs/heads/${name}`

const expectPlan = (
  updates: Parameters<typeof planPush>[0],
  branch: string | null,
  deploys: string | undefined,
  notes: string[],
) => {
  const plan = planPush(updates, branch)
  assert.equal(plan.deploy?.branch, deploys)
  assert.deepEqual(plan.notes, notes)
}

const expectRefusal = (updates: Parameters<typeof planPush>[0], branch: string | null, message: RegExp) =>
  assert.throws(
    () => planPush(updates, branch),
    (error) => error instanceof Refusal && message.test(error.message),
  )

test('the first main deploys', () => expectPlan([created(head('main'))], null, 'main', []))
test('the first master deploys', () => expectPlan([created(head('master'))], null, 'master', []))
test('main goes before master', () =>
  expectPlan([created(head('master')), created(head('main'))], null, 'main', [
    'branch master stored; only main deploys',
  ]))
test('later only the branch that was first deploys', () =>
  expectPlan([created(head('main'))], 'master', undefined, ['branch main stored; only master deploys']))
test('a branch that the app was given deploys', () => expectPlan([changed(head('live'))], 'live', 'live', []))
test('another branch before any deploy', () =>
  expectPlan([created(head('topic'))], null, undefined, ['branch topic stored; only main or master deploys']))
test('a tag', () => expectPlan([created('refs/tags/v1')], 'main', undefined, ['tag v1 stored; tags do not deploy']))
test('a tag named as the branch is no branch', () =>
  expectPlan([created('refs/tags/main')], null, undefined, ['tag main stored; tags do not deploy']))
test('a branch that goes', () =>
  expectPlan([deleted(head('topic'))], 'main', undefined, [
    'branch topic deleted; nothing changes for the running app',
  ]))
test('several at once: one deploys', () =>
  expectPlan([created(head('topic')), changed(head('main')), created('refs/tags/v2')], 'main', 'main', [
    'branch topic stored; only main deploys',
    'tag v2 stored; tags do not deploy',
  ]))
test('main that goes before anything was deployed', () =>
  expectPlan([deleted(head('main'))], null, undefined, ['branch main deleted; nothing changes for the running app']))
test('very many are counted, not listed', () => {
  const { notes } = planPush(
    Array.from({ length: 3_000 }, (_, i) => created(head(`b${i}`))),
    'main',
  )
  assert.equal(notes.length, 21)
  assert.equal(notes.at(-1), '… and 2980 more, none of which deploys')
})

test('the branch that deploys stays', () => expectRefusal([deleted(head('main'))], 'main', /cannot delete branch main/))
for (const ref of [
  'refs/notes/commits',
  'refs/berth/x',
  'refs/remotes/origin/main',
  'refs/pull/1/head',
  'refs/heads/',
  'HEAD',
]) {
  test(`${ref} is not stored`, () => expectRefusal([created(ref)], 'main', /only branches and tags/))
}
for (const name of ['--upload-pack=touch', '-x', 'HEAD']) {
  test(`a branch named ${name}`, () => expectRefusal([created(head(name))], 'main', /taken for an option/))
}
test('a name that turns the reading direction', () =>
  expectRefusal([created(head('safe\u202egnp.exe'))], 'main', /cannot be seen/))
test('a name without end', () => expectRefusal([created(head('x'.repeat(201)))], 'main', /longer than 200/))
test('a refused ref refuses all', () =>
  expectRefusal([changed(head('main')), created('refs/x/y')], 'main', /only branches and tags/))
test('shell text in a name is only a name', () =>
  expectPlan([created(head('$(touch x);`id`'))], 'main', undefined, [
    'branch $(touch x);`id` stored; only main deploys',
  ]))

test('lines of git are read', () =>
  assert.deepEqual(parseUpdates(`${zero} ${one} refs/heads/main\n${one} ${zero} refs/tags/a b\n`), [
    { from: zero, to: one, ref: 'refs/heads/main' },
    { from: one, to: zero, ref: 'refs/tags/a b' },
  ]))
test('10,000 refs are the most', () => {
  const line = `${zero} ${one} refs/heads/b\n`
  assert.equal(parseUpdates(line.repeat(10_000)).length, 10_000)
  assert.throws(() => parseUpdates(line.repeat(10_001)), /10000 branches and tags/)
})
test('what is no ref line is refused', () => assert.throws(() => parseUpdates('x y z\n'), Refusal))
