import { changeTeamLimits } from '../../../contract/teamLimits.ts'
import type { TeamLimits } from '../../../model/teamLimits.ts'
import { limitsOfTeam, setTeamLimits } from '../../store/teamLimits.ts'
import { authorizedTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { teamLimitsView } from '../views/teamLimits.ts'

export const route = handle(changeTeamLimits, async ({ settings }, call) => {
  const limits = await call.write(['people', 'builds'], async (tx) => {
    const team = await authorizedTeam(tx, call)
    const next = changed(await limitsOfTeam(tx, team.id), call.body)
    await setTeamLimits(tx, team.id, next)
    return next
  })
  return teamLimitsView(limits, settings)
})

type Change = { readonly [K in keyof TeamLimits]?: number | null | undefined }

/** What is not named stays. */
function changed(before: TeamLimits, { builds, memoryMb, cpu, pids, ioMb, seconds }: Change): TeamLimits {
  const said = { builds, memoryMb, cpu, pids, ioMb, seconds }
  return { ...before, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) }
}
