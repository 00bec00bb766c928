import { labels, notAnInstance } from './instance.ts'
import type { Formation } from './release.ts'

/** One container of a release, whatever starts it: a set's instance, the release command, a one-off run. */
export type Purpose = {
  readonly cluster: string
  readonly app: string
  readonly team: string
  readonly process: string
  readonly release: number
}

/** Enough for a few hundred threads, too few for a fork bomb. */
export const pidsLimit = 512

const labelsOf = ({ cluster, app, team, process, release }: Purpose) => ({
  [labels.owned]: 'true',
  [labels.cluster]: cluster,
  [labels.app]: app,
  [labels.team]: team,
  [labels.process]: process,
  [labels.release]: String(release),
})

export const instanceLabels = (purpose: Purpose, set: string): Record<string, string> => ({
  ...labelsOf(purpose),
  [labels.set]: set,
})

export const oneOffLabels = (purpose: Purpose, operation: string): Record<string, string> => ({
  ...labelsOf(purpose),
  [labels.operation]: operation,
  ...notAnInstance,
})

/** The definition's values, over them what was set for the app, over them what Berth itself tells; nobody else may. */
export const environmentOf = (
  { app, process, release }: Purpose,
  formation: Formation,
  env: Readonly<Record<string, string>>,
): Record<string, string> => ({
  ...formation.env,
  ...env,
  BERTH_APP: app,
  BERTH_PROCESS: process,
  BERTH_RELEASE: `v${release}`,
})
