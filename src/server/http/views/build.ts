import type { z } from 'zod'
import type { Build, BuildDetail } from '../../../contract/builds.ts'
import type { BuildStep } from '../../../model/build.ts'
import { sourceText } from '../../../model/source.ts'
import { type BuildRow, sourceOfBuild } from '../../store/builds.ts'
import type { PackageRow } from '../../store/packageRows.ts'
import type { ReleaseRow } from '../../store/releases.ts'

type BuildView = z.input<typeof Build>

export const buildView = (row: BuildRow, live: ReleaseRow | undefined): BuildView => ({
  number: row.number,
  state: row.state,
  source: sourceText(sourceOfBuild(row)),
  revision: row.revision,
  message: row.message,
  author: row.author,
  requester: row.requester,
  operation: row.operation_id,
  recipe: row.recipe,
  imageBytes: row.image_bytes,
  pinned: row.pinned === 1,
  kept: row.kept === 1,
  live: live?.build_number === row.number,
  error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
})

type More = {
  readonly live: ReleaseRow | undefined
  readonly releases: readonly number[]
  readonly kept: PackageRow | undefined
}

export const buildDetail = (row: BuildRow, { live, releases, kept }: More): z.input<typeof BuildDetail> => ({
  ...buildView(row, live),
  changelog: JSON.parse(row.changelog) as string[],
  steps: (JSON.parse(row.steps) as BuildStep[]).map(({ title, ms, cached = false }) => ({ title, ms, cached })),
  attempts: row.attempts,
  stack: row.stack,
  stackName: row.stack_name,
  image: row.image,
  releases: [...releases],
  package: kept ? { place: kept.place, state: kept.state, bytes: kept.bytes, error: kept.error } : null,
})
