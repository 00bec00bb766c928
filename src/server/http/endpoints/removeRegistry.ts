import { removeRegistry } from '../../../contract/registries.ts'
import { refuse } from '../../../model/refusal.ts'
import * as registries from '../../store/registries.ts'
import { authorizedTeam } from '../authorized.ts'
import { done } from '../done.ts'
import { handle } from '../handle.ts'

export const route = handle(removeRegistry, async (_, call) => {
  await call.write('apps', async (tx) => {
    const team = await authorizedTeam(tx, call)
    const { registry } = call.params
    if (!(await registries.removeRegistry(tx, team.id, registry))) refuse('NOT_FOUND', 'registry', registry)
  })
  return done
})
