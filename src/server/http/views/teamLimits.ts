import { effectiveLimits, type TeamLimits } from '../../../model/teamLimits.ts'
import type { Settings } from '../context.ts'

export const teamLimitsView = (own: TeamLimits, { buildLimits }: Settings) => ({
  own,
  effective: effectiveLimits(own, buildLimits),
})
