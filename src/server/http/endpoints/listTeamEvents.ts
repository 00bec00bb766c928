import { listTeamEvents } from '../../../contract/events.ts'
import { listEvents } from '../../store/events.ts'
import { authorizedTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { eventView } from '../views/event.ts'

export const route = handle(listTeamEvents, async ({ store }, call) => {
  const rows = await store.read(async (tx) =>
    listEvents(tx, { ...call.query, teamId: (await authorizedTeam(tx, call)).id }),
  )
  return rows.map(eventView)
})
