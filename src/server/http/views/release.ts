import type { z } from 'zod'
import type { Release, ReleaseDetail } from '../../../contract/releases.ts'
import type { Cipher } from '../../store/cipher.ts'
import { formationOf, type ReleaseRow, releaseEnv } from '../../store/releases.ts'

export const releaseView = (row: ReleaseRow): z.input<typeof Release> => ({
  number: row.number,
  state: row.state,
  image: row.image,
  commit: row.commit_id,
  build: row.build_number,
  reason: row.reason,
  author: row.author,
  operation: row.operation_id,
  createdAt: row.created_at,
})

export function releaseDetail(row: ReleaseRow, cipher: Cipher): z.input<typeof ReleaseDetail> {
  const { processes, port, health, releaseCommand, postdeployCommand, firstDeployCommand } = formationOf(row)
  return {
    ...releaseView(row),
    processes: processes.map(({ name, command }) => ({ name, command: [...command] })),
    releaseCommand: argv(releaseCommand),
    postdeployCommand: argv(postdeployCommand),
    firstDeployCommand: argv(firstDeployCommand),
    port,
    health,
    env: Object.keys(releaseEnv(cipher, row)).sort(),
  }
}

const argv = (command: readonly string[] | undefined) => (command ? [...command] : null)
