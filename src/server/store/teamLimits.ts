import { noLimits, type TeamLimits } from '../../model/teamLimits.ts'
import type { ReadTx, WriteTx } from './store.ts'

export async function limitsOfTeam(tx: ReadTx, teamId: string): Promise<TeamLimits> {
  return (await limitsByTeam(tx, teamId)).get(teamId) ?? noLimits
}

/** Of those teams that have some of their own. */
export async function limitsByTeam(tx: ReadTx, only?: string): Promise<ReadonlyMap<string, TeamLimits>> {
  const all = tx.selectFrom('team_limits').selectAll()
  const rows = await (only === undefined ? all : all.where('team_id', '=', only)).execute()
  return new Map(
    rows.map(({ team_id, builds, memory_mb, cpu, pids, io_mb, seconds }) => [
      team_id,
      { builds, memoryMb: memory_mb, cpu, pids, ioMb: io_mb, seconds },
    ]),
  )
}

export async function setTeamLimits(tx: WriteTx, teamId: string, limits: TeamLimits): Promise<void> {
  const { builds, memoryMb: memory_mb, cpu, pids, ioMb: io_mb, seconds } = limits
  const row = { builds, memory_mb, cpu, pids, io_mb, seconds }
  await tx
    .insertInto('team_limits')
    .values({ team_id: teamId, ...row })
    .onConflict((at) => at.column('team_id').doUpdateSet(row))
    .execute()
}
