import { createHook } from '../../../contract/hooks.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import { refuse } from '../../../model/refusal.ts'
import { addHook, hooksOf } from '../../store/hooks.ts'
import { now, randomId } from '../../store/ids.ts'
import { sourceOf } from '../../store/sources.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { hookView } from '../views/hook.ts'

export const route = handle(createHook, async ({ store, settings, hooks }, call) => {
  const { provider, token, apiUrl } = call.body
  const secret = hooks.newSecret(provider)
  return await call.write('apps', async (tx) => {
    const app = await authorizedApp(tx, call)
    const source = await sourceOf(tx, app.id)
    if (source?.kind !== 'git')
      refuse('STATE', app.name, 'hook', 'without a git repository as its source', 'given one (berth source set URL)')
    refuseMore(`hooks of ${app.name}`, (await hooksOf(tx, app.id)).length, most.hooksOfApp)
    const row = {
      id: randomId(20),
      app_id: app.id,
      team_id: app.team_id,
      provider,
      secret: store.cipher.seal(secret),
      token: token === undefined ? null : store.cipher.seal(token),
      api_url: apiUrl ?? hooks.apiUrl(provider, source.url),
      author: call.actor.name,
      created_at: now(),
    }
    await addHook(tx, row)
    return { ...hookView(row, settings), secret }
  })
})
