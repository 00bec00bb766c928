import type { z } from 'zod'
import type { App, AppState, AppSummary } from '../../../contract/apps.ts'
import { type Scale, scaleFor } from '../../../model/release.ts'
import { defaultHost } from '../../store/apps.ts'
import type { AppFacts } from '../../store/overview.ts'
import { formationOf } from '../../store/releases.ts'
import type { Settings } from '../context.ts'
import { appUrl, gitUrls } from './urls.ts'

export const appSummary = (facts: AppFacts, settings: Settings): z.input<typeof AppSummary> => ({
  name: facts.app.name,
  team: facts.team,
  url: appUrl(facts.app.name, settings),
  state: appState(facts),
  release: facts.live?.number ?? null,
  createdAt: facts.app.created_at,
})

export type AppConfiguration = {
  readonly scales: Readonly<Record<string, Scale>>
  readonly domains: readonly string[]
  readonly env: readonly string[]
}

export function appView(facts: AppFacts, config: AppConfiguration, settings: Settings): z.input<typeof App> {
  const { app, live } = facts
  return {
    name: app.name,
    team: facts.team,
    url: appUrl(app.name, settings),
    git: gitUrls(app.name, settings),
    state: appState(facts),
    release: live
      ? {
          number: live.number,
          state: live.state,
          image: live.image,
          commit: live.commit_id,
          createdAt: live.created_at,
        }
      : null,
    processes: processes(facts, config.scales),
    domains: [defaultHost(app.name, settings.domain), ...config.domains],
    env: [...config.env],
    deployBranch: app.deploy_branch,
    stack: app.stack,
    createdAt: app.created_at,
  }
}

export function appState({ app, busy, live, sets }: AppFacts): z.input<typeof AppState> {
  if (app.destroying) return 'destroying'
  if (busy) return 'deploying'
  if (!live) return 'new'
  const wanted = sum(sets.map(({ count }) => count))
  if (wanted === 0) return 'stopped'
  return sum(sets.map(({ healthy }) => healthy)) < wanted ? 'degraded' : 'running'
}

function processes({ live, sets }: AppFacts, scales: Readonly<Record<string, Scale>>) {
  if (!live) return []
  const formation = formationOf(live)
  return formation.processes.map(({ name, command }) => ({
    name,
    command: [...command],
    ...scaleFor(name, scales, formation.scale),
    running: sum(sets.filter(({ process }) => process === name).map(({ healthy }) => healthy)),
  }))
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
