import type { z } from 'zod'
import type { Event } from '../../../contract/events.ts'
import type { EventRow } from '../../store/events.ts'

export const eventView = (row: EventRow): z.input<typeof Event> => ({
  id: row.seq,
  at: row.at,
  actor: row.actor,
  action: row.action,
  target: row.target,
  team: row.team,
  source: row.source,
  result: row.result,
})
