import { addRegistry } from '../../../contract/registries.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import { refuse } from '../../../model/refusal.ts'
import { putRegistry, registriesOf } from '../../store/registries.ts'
import type { ReadTx } from '../../store/store.ts'
import { authorizedTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { registryView } from '../views/registry.ts'

export const route = handle(addRegistry, async ({ store }, call) => {
  const { server, username, password, app } = call.body
  return await call.write('apps', async (tx) => {
    const team = await authorizedTeam(tx, call)
    refuseMore(`registries of ${team.name}`, (await registriesOf(tx, team.id)).length, most.registriesOfTeam)
    const app_id = app === undefined ? null : await appOfTeam(tx, team.id, app)
    const row = await putRegistry(tx, {
      team_id: team.id,
      app_id,
      server,
      username,
      password: store.cipher.seal(password),
    })
    return registryView({ ...row, app: app ?? null })
  })
})

async function appOfTeam(tx: ReadTx, teamId: string, name: string): Promise<string> {
  const app = await tx
    .selectFrom('apps')
    .select('id')
    .where('name', '=', name)
    .where('team_id', '=', teamId)
    .executeTakeFirst()
  return app?.id ?? refuse('NOT_FOUND', 'app', name)
}
