import { listInstances } from '../../../contract/instances.ts'
import { instancesOfApp } from '../../store/overview.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'

export const route = handle(listInstances, async ({ store }, call) => {
  const rows = await store.read(async (tx) => instancesOfApp(tx, (await authorizedApp(tx, call)).name))
  return rows.map((row) => ({
    id: row.id.slice(0, 12),
    process: row.process,
    release: row.release,
    node: row.node,
    state: row.state,
    health: row.health,
    role: row.role ?? 'gone',
    exitCode: row.exit_code,
    oomKilled: row.oom_killed === 1,
    note: row.note,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }))
})
