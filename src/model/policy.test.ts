import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Action, type Actor, actions, deeds, may, sees } from './policy.ts'

const operator: Actor = { id: 'o', name: 'olga', role: 'admin', teams: {} }
const admin: Actor = { id: 'a', name: 'ada', role: 'member', teams: { alpha: 'admin' } }
const member: Actor = { id: 'm', name: 'max', role: 'member', teams: { alpha: 'member' } }
const stranger: Actor = { id: 's', name: 'eve', role: 'member', teams: { beta: 'admin' } }

const allowed = (actor: Actor, team: string | null) =>
  (Object.keys(actions) as Action[]).filter((action) => may(actor, action, team))
const needing = (...roles: string[]) =>
  Object.entries(actions).flatMap(([action, role]) => (roles.includes(role) ? [action] : []))

test('an operator may all, in every team and in none', () => {
  for (const team of ['alpha', 'beta', null]) assert.deepEqual(allowed(operator, team), Object.keys(actions))
})
test('an admin of a team may all in it but what needs an operator', () =>
  assert.deepEqual(allowed(admin, 'alpha'), needing('member', 'admin')))
test('a member may what needs no more', () => assert.deepEqual(allowed(member, 'alpha'), needing('member')))
test('who is not in a team may nothing in it, whatever they are elsewhere', () =>
  assert.deepEqual(allowed(stranger, 'alpha'), []))
test('what belongs to no team is for operators', () => {
  for (const actor of [admin, member, stranger]) assert.deepEqual(allowed(actor, null), [])
})
test('names of teams that every object has are not teams', () => {
  for (const team of ['constructor', '__proto__', 'toString']) {
    assert.deepEqual(allowed(member, team), [])
    assert.equal(sees(member, team), false)
  }
})
test('members see their team, operators every one', () => {
  const seeing = [operator, admin, member, stranger].filter((actor) => sees(actor, 'alpha'))
  assert.deepEqual(seeing, [operator, admin, member])
})
test('what destroys needs more than membership', () => {
  for (const action of ['app:destroy', 'team:manage', 'user:manage', 'domain:skip-proof'] as const)
    assert.equal(may(member, action, 'alpha'), false)
})
test('what somebody may not do is said in words', () => {
  assert.equal(deeds['user:manage']('this installation'), 'manage users')
  assert.equal(deeds['app:create']('team alpha'), 'create apps in team alpha')
  for (const deed of Object.values(deeds)) assert.match(deed('app blog'), /^[a-z]+( [a-z]+)+$/)
})
