import type { z } from 'zod'
import { basePath } from '../../../contract/endpoint.ts'
import type { Delivery, Hook } from '../../../contract/hooks.ts'
import type { DeliveryRow, HookRow } from '../../store/hooks.ts'
import type { Settings } from '../context.ts'

export const hookView = (row: HookRow, { domain, httpPort }: Settings): z.input<typeof Hook> => ({
  id: row.id,
  provider: row.provider,
  url: `http://berth.${domain}${httpPort === 80 ? '' : `:${httpPort}`}${basePath}/hooks/${row.id}`,
  reports: row.token !== null,
  author: row.author,
  createdAt: row.created_at,
})

export const deliveryView = (row: DeliveryRow): z.input<typeof Delivery> => ({
  delivery: row.delivery,
  at: row.at,
  event: row.event,
  ref: row.ref,
  commit: row.commit_id,
  outcome: row.outcome,
  reason: row.reason,
})
