import type { z } from 'zod'
import type { Registry } from '../../../contract/registries.ts'
import type { RegistryRow } from '../../store/registries.ts'

type Row = RegistryRow & { readonly app: string | null }

export const registryView = (row: Row): z.input<typeof Registry> => ({
  id: row.id,
  server: row.server,
  username: row.username,
  app: row.app,
  createdAt: row.created_at,
})
