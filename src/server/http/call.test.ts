import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../../../test/harness/api.ts'
import { showApp } from '../../contract/apps.ts'
import { basePath } from '../../contract/endpoint.ts'
import { Refusal } from '../../model/refusal.ts'
import { sessionByToken } from '../store/tokens.ts'
import { authorizedApp } from './authorized.ts'
import { stillAllowed } from './call.ts'

test('what goes on for long is stopped when its user leaves the team, is disabled, or loses the token', async () => {
  await using api = await startApi()
  const operator = await api.token('operator')
  const ask = (method: string, path: string, body: object = {}, token = operator) =>
    api.ask(method, `${basePath}${path}`, { token, body })
  const { name } = await api.app()
  const token = await api.token('member')
  const session = await api.store.read((tx) => sessionByToken(tx, token))
  assert.ok(session)
  const subject = { target: '', teamId: null }
  const call = { endpoint: showApp, params: { app: name }, actor: session.actor, session, subject }
  await api.store.read((tx) => authorizedApp(tx, call))
  const verdict = () => stillAllowed(api.store, call).then(() => 'may', codeOf)

  assert.equal(await verdict(), 'may')
  await ask('DELETE', '/teams/alpha/members/max')
  assert.equal(await verdict(), 'NOT_FOUND')
  await ask('POST', '/teams/alpha/members', { user: 'max' })
  assert.equal(await verdict(), 'may')
  await ask('PATCH', '/users/max', { disabled: true })
  assert.equal(await verdict(), 'UNAUTHENTICATED')
  await ask('PATCH', '/users/max', { disabled: false })
  await ask('DELETE', '/sessions', {}, token)
  assert.equal(await verdict(), 'UNAUTHENTICATED')
})

const codeOf = (error: unknown) => (error instanceof Refusal ? error.code : String(error))
