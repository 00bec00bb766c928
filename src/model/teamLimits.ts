/** What an operator has set for the builds of one team; null is what the installation's settings say. */
export type TeamLimits = {
  /** How many of them may run at once. */
  readonly builds: number | null
  /** Of each step. */
  readonly memoryMb: number | null
  readonly cpu: number | null
  readonly pids: number | null
  readonly ioMb: number | null
  /** How long one may take. */
  readonly seconds: number | null
}

export type EveryLimit = { readonly [K in keyof TeamLimits]: number }

export const noLimits: TeamLimits = { builds: null, memoryMb: null, cpu: null, pids: null, ioMb: null, seconds: null }

/** What a build is bound by: the team's own, else the installation's. */
export const effectiveLimits = (own: TeamLimits, installation: EveryLimit): EveryLimit => ({
  builds: own.builds ?? installation.builds,
  memoryMb: own.memoryMb ?? installation.memoryMb,
  cpu: own.cpu ?? installation.cpu,
  pids: own.pids ?? installation.pids,
  ioMb: own.ioMb ?? installation.ioMb,
  seconds: own.seconds ?? installation.seconds,
})

/**
 * Equal for those whose steps are bound alike. The Engine does not say which build a step is of, so builds that are bound
 * differently do not run at the same time.
 */
export const stepLimitsKey = ({ memoryMb, cpu, pids, ioMb }: TeamLimits): string =>
  JSON.stringify([memoryMb, cpu, pids, ioMb])
