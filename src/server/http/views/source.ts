import type { z } from 'zod'
import type { AppSource } from '../../../contract/sources.ts'
import type { AppRow } from '../../store/access.ts'
import { deployKeyOf, type SourceRow, sourceOf } from '../../store/sources.ts'
import type { ReadTx } from '../../store/store.ts'

export async function sourceView(tx: ReadTx, app: AppRow): Promise<z.input<typeof AppSource>> {
  const [row, key] = [await sourceOf(tx, app.id), await deployKeyOf(tx, app.id)]
  return {
    repository: row ? repositoryView(row) : null,
    folder: app.folder,
    watch: JSON.parse(app.watch) as string[],
    deployKey: key?.public_key ?? null,
  }
}

const repositoryView = (row: SourceRow) => ({
  kind: row.kind,
  url: row.url,
  password: row.secret !== null,
  ref: row.ref,
  pollSeconds: row.poll_seconds,
  revision: row.revision,
  checkedAt: row.checked_at,
  nextCheckAt: row.next_check_at,
  error: row.error,
})
